// What the server says of its operations, and how a form is made of that.
import type { components } from "../../api/schema/studio";

export type Value = string | number | boolean;
export type Values = Record<string, Value>;

// JSON Schema, as far as parameters are described by it.
export interface ParameterSchema {
  type: string | string[];
  description?: string;
  default?: Value;
  enum?: string[];
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
}

export interface Operation extends Omit<components["schemas"]["Operation"], "parameters" | "operationType"> {
  operationType: string;
  parameters: { properties: Record<string, ParameterSchema>; required: string[] };
}

export type Job = components["schemas"]["Job"];
export type Status = components["schemas"]["Status"];
export type Estimate = components["schemas"]["Estimate"];
export type OperationType = components["schemas"]["OperationType"];

export const kNothingChanged = "NOTHING_CHANGED"; // the code of a job whose result would be the picture itself

// What operations say beside the picture: an edit its plan and the words it has not used, a magic edit its steps.
export interface Result extends Omit<components["schemas"]["Result"], "prompts"> {
  prompts?: string[];
  plan?: Step[];
  steps?: Step[];
  unused?: string[];
}
export interface Step { step: string; amount?: number; [detail: string]: unknown }

// Pictures that an operation takes are chosen beside the form.
const kPictures = ["image_url", "image_id", "mask_url", "reference_url"];
export const kSides = ["aspect_ratio", "image_size", "width", "height"];
const kRarelyChanged = ["seed", "format", "fidelity_min"];

export interface Parameter { name: string; schema: ParameterSchema; isRequired: boolean }

export function parametersOf({ parameters }: Operation): { usual: Parameter[]; rare: Parameter[]; hasSides: boolean } {
  const all = Object.entries(parameters.properties)
    .filter(([name]) => !kPictures.includes(name))
    .map(([name, schema]) => ({ name, schema, isRequired: parameters.required.includes(name) }));
  const hasSides = "aspect_ratio" in parameters.properties && "width" in parameters.properties;
  const shown = all.filter(({ name }) => !(hasSides && kSides.includes(name)));
  return {
    usual: shown.filter(({ name }) => !kRarelyChanged.includes(name)),
    rare: shown.filter(({ name }) => kRarelyChanged.includes(name)),
    hasSides,
  };
}

export type Control = "choice" | "checkbox" | "slider" | "number" | "colour" | "picture" | "words" | "text";

const kSliderStepsMax = 1_000; // of whole numbers; more are typed
const kTextMax = 200;          // characters; more get an area

const holds = ({ type }: ParameterSchema, name: string) => (Array.isArray(type) ? type.includes(name) : type === name);

export function controlOf(schema: ParameterSchema): Control {
  const { minimum, maximum } = schema;
  if (schema.enum) return "choice";
  if (holds(schema, "number") || holds(schema, "integer")) {
    if (minimum === undefined || maximum === undefined) return "number";
    return holds(schema, "number") || maximum - minimum <= kSliderStepsMax ? "slider" : "number";
  }
  if (holds(schema, "boolean")) return "checkbox";
  if (schema.format === "colour" || schema.format === "color") return "colour";
  if (schema.format === "uri") return "picture";
  return (schema.maxLength ?? 0) > kTextMax ? "words" : "text";
}

// Whole numbers go by ones, others by about a hundredth of their range.
export function stepOf(schema: ParameterSchema): number {
  if (!holds(schema, "number")) return 1;
  const hundredth = ((schema.maximum ?? 1) - (schema.minimum ?? 0)) / 100;
  return hundredth >= 50 ? 100 : hundredth >= 0.5 ? 1 : 0.01;
}

const kLabels: Record<string, string> = {
  prompt: "In words", duration_seconds: "Duration", fps: "Frame rate", enhance_face: "Restore faces",
  denoise: "Remove noise", fidelity_min: "Least fidelity",
};
const kDegrees = ["azimuth", "elevation", "yaw", "pitch", "roll"];

export function labelOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return kLabels[name] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

export function unitOf(name: string): string {
  if (kDegrees.includes(name)) return "°";
  if (name.endsWith("_seconds")) return " s";
  if (name === "fidelity_min") return " dB";
  return name === "temperature" ? " K" : name === "zoom" ? "×" : "";
}

// What a program may write in a number's place is nothing for a slider.
export const hintOf = ({ description }: ParameterSchema) => description?.replace(/; true is .*$/, "");

export const numberOf = (values: Values, operation: Operation, name: string): number => {
  const value = values[name] ?? operation.parameters.properties[name]?.default;
  return typeof value === "number" ? value : 0;
};

// The `data` of a submit: what differs from what holds anyway.
export function dataOf(operation: Operation, values: Values): Values {
  const known = operation.parameters.properties;
  return Object.fromEntries(Object.entries(values).filter(([name, value]) =>
    known[name] && !kPictures.includes(name) && value !== "" && value !== known[name].default));
}

// "azimuth 60°, temperature 3200 K": a job's settings in a line.
export function settingsInWords(data: Record<string, unknown>): string {
  return Object.entries(data).filter(([name]) => !kPictures.includes(name))
    .map(([name, value]) =>
      (name === "prompt" ? `“${String(value)}”` : `${labelOf(name).toLowerCase()} ${String(value)}${unitOf(name)}`))
    .join(", ");
}

const kExamples: Record<string, string[]> = {
  edit: ["on white marble", "a little warmer", "blur the background", "lift the shadows",
    "black and white, more contrast",
    "crop to 4:5", "straighten", "add a vignette", "make the ring rose gold", "remove the background"],
  "magic-prompt": ["gold ring", "pearl earrings on silk", "leather watch at dusk"],
};
// What else has words: they say what is to be seen.
const kScenes = ["a diamond ring on dark slate", "a bottle of perfume in morning light"];

export const examplesOf = ({ operationType, result }: Operation) =>
  kExamples[operationType] ?? (result === "image" ? kScenes : []);

// The form of an operation, made from what the server says of it: what comes new there is here at once.
import type { ReactNode } from "react";
import { CameraPad } from "./camera_pad";
import { LightBall } from "./light_ball";
import {
  examplesOf, kSides, labelOf, numberOf, type Operation, parametersOf, type Parameter, type Value, type Values,
} from "./operation";
import { ParameterField } from "./parameter_field";
import { SidesField } from "./sides_field";
import style from "./controls.module.css";
import form from "./operation_form.module.css";

interface OperationFormProps {
  operation: Operation;
  source: string | null;
  values: Values;
  fault: { field: string; message: string } | null; // as the server said it
  onChange: (values: Values) => void;
}

function Examples({ operation, values, onChange }: Pick<OperationFormProps, "operation" | "values" | "onChange">) {
  const words = String(values.prompt ?? "").trim();
  // An instruction may have several parts; a scene is one.
  const add = (example: string) => onChange({
    ...values, prompt: words && operation.operationType === "edit" ? `${words}, ${example}` : example,
  });
  return (
    <div className={style.examples} role="group" aria-label="Examples">
      {examplesOf(operation).map((example) =>
        <button key={example} type="button" onClick={() => add(example)}>{example}</button>)}
    </div>
  );
}

// What is easier shown than said, before the numbers that it sets.
function Pads({ operation, source, values, onChange }: Omit<OperationFormProps, "fault">) {
  const known = operation.parameters.properties;
  const { azimuth, elevation, yaw, pitch } = known;
  const now = (name: string) => numberOf(values, operation, name);
  const pads: ReactNode[] = [];
  if (azimuth && elevation) {
    pads.push(<LightBall key="light" angles={{ azimuth: now("azimuth"), elevation: now("elevation") }}
      reset={{ azimuth: Number(azimuth.default ?? 0), elevation: Number(elevation.default ?? 0) }}
      intensity={known.intensity ? now("intensity") : 1} ambient={known.ambient ? now("ambient") : 0.3}
      temperature={typeof values.temperature === "number" ? values.temperature : null}
      onChange={(angles) => onChange({ ...values, ...angles })} />);
  }
  if (yaw && pitch) {
    pads.push(<CameraPad key="camera" image={source} yaw={now("yaw")} pitch={now("pitch")} roll={now("roll")}
      yawMax={yaw.maximum ?? 45} pitchMax={pitch.maximum ?? 45}
      onChange={(to, up) => onChange({ ...values, yaw: to, pitch: up })} />);
  }
  return pads;
}

export function OperationForm({ operation, source, values, fault, onChange }: OperationFormProps) {
  const { usual, rare, hasSides } = parametersOf(operation);
  const set = (name: string, value: Value | undefined) => {
    const { [name]: _, ...rest } = values;
    onChange(value === undefined ? rest : { ...rest, [name]: value });
  };
  const field = (parameter: Parameter) => (
    <ParameterField key={parameter.name} {...parameter} value={values[parameter.name]}
      error={fault?.field === parameter.name ? fault.message : null} onChange={(value) => set(parameter.name, value)} />
  );
  return (
    <div className={form.fields}>
      <Pads operation={operation} source={source} values={values} onChange={onChange} />
      {usual.map((parameter) => parameter.name !== "prompt" ? field(parameter) : (
        <div key="prompt" className={style.group}>
          {field(parameter)}
          <Examples operation={operation} values={values} onChange={onChange} />
        </div>
      ))}
      {hasSides && <SidesField values={values} sideMax={operation.parameters.properties.width?.maximum ?? 8192}
        isRequired={operation.operationType === "expand"}
        error={fault && kSides.includes(fault.field) ? fault.message : null} onChange={onChange} />}
      {rare.length > 0 && (
        <details className={form.rare}>
          <summary>
            {rare.map(({ name }, at) => (at ? labelOf(name).toLowerCase() : labelOf(name))).join(" and ")}
          </summary>
          <div className={form.fields}>{rare.map(field)}</div>
        </details>
      )}
    </div>
  );
}

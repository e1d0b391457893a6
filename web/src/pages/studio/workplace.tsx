// One operation: the picture, its settings, and what comes of them.
import { Sparkles } from "lucide-react";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { Empty } from "../../components/empty";
import { ProblemState } from "../../components/problem_state";
import { Choice } from "../../components/tabs";
import { JobView } from "./job_view";
import { isEmptyMask, maskUrl } from "./mask";
import { dataOf, kSides, labelOf, type Operation, type Values } from "./operation";
import { OperationForm } from "./operation_form";
import { PriceBar } from "./price_bar";
import { SetupView } from "./setup_view";
import { ReferenceChoice, SourceChoice } from "./source_panel";
import type { StudioDraft } from "./studio_draft";
import { useSubmit } from "./use_job";
import { quoteOf, useEstimate } from "./use_estimate";
import { usePreview } from "./use_preview";
import { type Source, useReference, useSource } from "./use_source";
import style from "./workplace.module.css";

interface WorkplaceProps {
  operation: Operation;
  draft: StudioDraft;
  onUsePrompt: (prompt: string) => void;
}

const kPreviewMaskSide = 512;
const kMaskSide = 2048;
type View = "setup" | "result";
const kViews = [{ value: "setup", label: "Picture" }, { value: "result", label: "Result" }] as const;

// What is missing before it can be asked for; null: nothing.
function missingOf(operation: Operation, source: Source | null, values: Values): string | null {
  if (operation.inputs.image === "required" && !source) return "Choose a picture first.";
  const isSameShape = operation.operationType === "expand" && !kSides.some((name) => values[name]);
  if (isSameShape) return "Choose the shape that it grows to.";
  const empty = operation.parameters.required.find((name) => name in operation.parameters.properties &&
    !String(values[name] ?? "").trim() && !name.startsWith("image"));
  return empty ? (empty === "prompt" ? "Say it in words, or take an example." : `${labelOf(empty)} is needed.`) : null;
}

function faultOf(error: unknown): { field: string; message: string } | null {
  const problem = error ? asProblem(error) : null;
  const field = (problem?.body as { details?: { field?: unknown } } | null)?.details?.field;
  return problem && problem.status === 422 && typeof field === "string" && field !== "quote" // which is in no form
    ? { field, message: [problem.message, problem.suggestion].filter(Boolean).join(". ") } : null;
}

interface NoSourceProps {
  isLoading: boolean;
  error: unknown;
  onChoose: (image: string) => void;
}

function NoSource({ isLoading, error, onChoose }: NoSourceProps) {
  if (isLoading) return <div className={style.place} role="status" aria-label="Loading" />;
  return (
    <>{Boolean(error) && <ProblemState error={error} />}<SourceChoice isEmpty name={null} onChoose={onChoose} /></>
  );
}

export function Workplace({ operation, draft, onUsePrompt }: WorkplaceProps) {
  const { operationType: name, inputs } = operation;
  const { values, reference, job } = draft.of(name);
  const { source, error: sourceError } = useSource(inputs.image === "none" ? null : draft.source);
  const { data: referenceUrl } = useReference(reference);
  const [view, setView] = useState<View>(job ? "result" : "setup");
  const [refusedValues, setRefusedValues] = useState<Values | null>(null);
  const submit = useSubmit((id) => { draft.setJob(name, id); setView("result"); });

  const missing = missingOf(operation, source, values);
  const isMasked = inputs.mask !== "none" && source !== null && !isEmptyMask(draft.mask);
  const dataWith = (maskSide: number): Values | null => missing ? null : {
    ...dataOf(operation, values),
    ...(source ? { image_id: source.id } : {}),
    ...(isMasked ? { mask_url: maskUrl(draft.mask, source, maskSide) } : {}),
    ...(referenceUrl && inputs.reference !== "none" ? { reference_url: referenceUrl } : {}),
  };
  const told = missing ? null : { ...dataOf(operation, values), ...(source ? { image_id: source.id } : {}) };
  const estimate = useEstimate(operation, told);
  const hasPreview = operation.result === "image" && inputs.image !== "none" && view === "setup";
  const preview = usePreview(name, hasPreview ? dataWith(kPreviewMaskSide) : null);
  const isAsRefused = refusedValues === values;
  const fault = (isAsRefused ? faultOf(submit.error) : null) ?? faultOf(preview.problem);
  const send = () => {
    const data = dataWith(kMaskSide);
    if (!data || submit.isPending) return;
    setRefusedValues(values);
    submit.mutate({ operationType: name, data, quote: quoteOf(estimate.data) });
  };
  const use = (image: string) => { draft.setSource(image); setView("setup"); };
  const isResult = view === "result" && job !== null;
  return (
    <div className={style.workplace}>
      <div className={style.top}>
        {job && <Choice label="What is shown" value={view} choices={kViews} onChange={setView} />}
        {!isResult && source && <SourceChoice isEmpty={false} name={source.name} onChoose={draft.setSource} />}
      </div>
      <section className={style.stage} aria-label="Picture"
        data-small={(!isResult && inputs.mask === "none" && source !== null) || undefined}>
        {isResult
          ? <JobView job={job} operation={operation} source={source} onUse={use} onUsePrompt={onUsePrompt}
            onBack={() => setView("setup")} />
          : inputs.image === "none"
            ? <Empty icon={<Sparkles />} title="Say what you have in mind">What comes of your words stands here.</Empty>
            : source
              ? <SetupView operation={operation} source={source} values={values} mask={draft.mask} preview={preview}
                onMask={draft.setMask} />
              : <NoSource isLoading={draft.source !== null && !sourceError} error={sourceError}
                onChoose={draft.setSource} />}
      </section>
      <form className={style.form} aria-label={operation.title} noValidate
        onSubmit={(event) => { event.preventDefault(); send(); }}>
        <p className={style.lead}>{operation.description}.</p>
        {inputs.reference !== "none" &&
          <ReferenceChoice image={reference} onChoose={(image) => draft.setReference(name, image)} />}
        <OperationForm operation={operation} source={source?.id ?? null} values={values} fault={fault}
          onChange={(now) => { draft.setValues(name, now); if (view === "result") setView("setup"); }} />
        <PriceBar operation={operation} estimate={estimate} missing={missing} isBusy={submit.isPending}
          problem={isAsRefused && submit.error && !faultOf(submit.error) ? submit.error : null} />
      </form>
    </div>
  );
}

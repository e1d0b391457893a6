import { useEffect, useState } from "react";
import { useLocation, useSearch } from "wouter";
import { $api } from "../../api/client";
import { Problem } from "../../api/problem";
import { Page } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { JobHistory } from "./job_history";
import type { Job, Operation, Values } from "./operation";
import { OperationCards, OperationLinks } from "./operation_list";
import { type StudioDraft, useStudioDraft } from "./studio_draft";
import { Workplace } from "./workplace";

const kNoOperation = new Problem(404, "There is no such operation");

// `?image=ID` is how other pages send a picture here; it is taken once, so that another can be chosen afterwards.
function useImageOfAddress(draft: StudioDraft) {
  const search = useSearch();
  const [path, go] = useLocation();
  const image = new URLSearchParams(search).get("image");
  useEffect(() => {
    if (!image) return;
    draft.setSource(image);
    go(path, { replace: true });
  }, [image]);
}

// Settings as a form has them, of a job's data.
function valuesOf({ image_id: _, ...data }: Job["data"]): Values {
  return data as Values;
}

export default function StudioPage({ operation: name }: { operation: string | null }) {
  const [, go] = useLocation();
  const draft = useStudioDraft();
  const { data, error, refetch } = $api.useQuery("get", "/api/ai/operations", {}, { staleTime: 10 * 60_000 });
  const [turn, setTurn] = useState(0); // a job was taken up: the form begins anew
  useImageOfAddress(draft);
  if (!data) {
    return (
      <Page title="Studio">
        {error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={8} />}
      </Page>
    );
  }
  const operations = data.operations as unknown as Operation[];
  const operation = operations.find((one) => one.operationType === name) ?? null;
  const takeUp = (job: Job, shown: string | null) => {
    if (job.imageId) draft.setSource(job.imageId);
    draft.setValues(job.operationType, valuesOf(job.data));
    draft.setJob(job.operationType, shown);
    setTurn(turn + 1);
    go(`/studio/${job.operationType}`);
    window.scrollTo({ top: 0 });
  };
  const usePrompt = (prompt: string) => {
    const target =
      operations.find((one) => one.ready && one.operationType !== name && one.parameters.required.includes("prompt"));
    if (!target) return;
    draft.setValues(target.operationType, { ...draft.of(target.operationType).values, prompt });
    draft.setJob(target.operationType, null);
    go(`/studio/${target.operationType}`);
  };
  const history = <JobHistory operations={operations} onShow={(job) => takeUp(job, job.jobId)}
    onRepeat={(job) => takeUp(job, null)} />;
  if (name === null) return <Page title="Studio"><OperationCards operations={operations} />{history}</Page>;
  return (
    <Page title={operation?.title ?? "Studio"}>
      <OperationLinks operations={operations} current={name} />
      {operation
        ? <Workplace key={`${name} ${turn}`} operation={operation} draft={draft} onUsePrompt={usePrompt} />
        : <ProblemState error={kNoOperation} />}
      {history}
    </Page>
  );
}

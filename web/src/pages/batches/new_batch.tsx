import { useState } from "react";
import { useLocation } from "wouter";
import { api, newIdempotencyKey } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../components/button";
import { Select, TextField } from "../../components/field";
import { Page } from "../../components/page";
import { ProblemNote, ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { useDraft } from "../../session/draft";
import { useDropTarget } from "../../upload/upload_context";
import { dataOf, type Operation, type Values } from "../studio/operation";
import { OperationForm } from "../studio/operation_form";
import { useBatchOperations } from "./batch_data";
import { intakeOf } from "./batch_intake";
import { BatchPictures } from "./batch_pictures";
import { BatchPrice } from "./batch_price";
import style from "./new_batch.module.css";

interface Plan {
  name: string;
  operation: string;
  values: Values;
}

const kPicturesMax = 500; // of a batch
const kFirst: Plan = { name: "", operation: "edit", values: {} };

export function NewBatch({ onClose }: { onClose: () => void }) {
  const { operations, error, refetch } = useBatchOperations();
  return (
    <Page title="New batch" actions={<Button onClick={onClose}>Back to the batches</Button>}>
      {!operations && error && <ProblemState error={error} onRetry={() => void refetch()} />}
      {!operations && !error && <Skeleton lines={8} />}
      {operations && <PlanForm operations={operations} />}
    </Page>
  );
}

// What is to be done, to which pictures, and for how much; then all of it goes its way.
function PlanForm({ operations }: { operations: Operation[] }) {
  const [, go] = useLocation();
  const [plan, setPlan, clearPlan] = useDraft("batch", kFirst);
  const [files, setFiles] = useState<File[]>([]);
  const [key, setKey] = useState(newIdempotencyKey);
  const [problem, setProblem] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  useDropTarget("Drop to add to the batch", (more) => setFiles((all) => [...all, ...more]));
  const operation = operations.find(({ operationType }) => operationType === plan.operation) ?? operations[0]!;
  const change = (part: Partial<Plan>) => {
    setPlan({ ...plan, ...part });
    setKey(newIdempotencyKey()); // another wish is another act
    setProblem(null);
  };
  const create = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const { data } = await api.POST("/api/batch/create", {
        params: { header: { "Idempotency-Key": key } },
        body: { name: plan.name, operation: operation.operationType, total_images: files.length,
          data: dataOf(operation, plan.values) },
      });
      intakeOf(data!.batchId).add(files);
      clearPlan();
      go(`/batches/${data!.batchId}`);
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };
  const isTooMany = files.length > kPicturesMax;
  return (
    <form className={style.form} onSubmit={(event) => { event.preventDefault(); void create(); }}>
      <div className={style.fields}>
        <TextField label="Name" required maxLength={200} value={plan.name} placeholder="Spring catalogue"
          onChange={({ currentTarget }) => change({ name: currentTarget.value })} />
        <Select label="Operation" hint={operation.description} value={operation.operationType}
          onChange={({ currentTarget }) => change({ operation: currentTarget.value, values: {} })}>
          {operations.map(({ operationType, title }) =>
            <option key={operationType} value={operationType}>{title}</option>)}
        </Select>
        <OperationForm operation={operation} source={null} values={plan.values} fault={faultOf(problem)}
          onChange={(values) => change({ values })} />
      </div>
      <div className={style.fields}>
        <BatchPictures files={files} onChange={(now) => { setFiles(now); setKey(newIdempotencyKey()); }} />
        <BatchPrice count={files.length} each={operation.cost} />
        {isTooMany &&
          <p className={style.poor} role="alert">A batch takes {kPicturesMax} pictures. Please make two.</p>}
        <ProblemNote error={problem} />
        <Button look="main" type="submit" isBusy={isBusy} disabled={files.length === 0 || isTooMany}>
          {files.length === 0 ? "Choose pictures first" : `Upload and start`}
        </Button>
      </div>
    </form>
  );
}

function faultOf(problem: unknown): { field: string; message: string } | null {
  if (!problem) return null;
  const { body } = asProblem(problem);
  const details = (body as { details?: { field?: string; message?: string } } | null)?.details;
  return details?.field ? { field: details.field, message: details.message ?? "" } : null;
}

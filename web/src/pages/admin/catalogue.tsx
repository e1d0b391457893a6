import { useMutation } from "@tanstack/react-query";
import { api, newIdempotencyKey } from "../../api/client";
import type { CatalogueModel, Installation } from "../../api/schema_draft";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Progress } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { useProblemToast } from "../../components/toast";
import { formatBytes } from "../../format";
import { useAdminChanged } from "./admin_data";
import style from "./models.module.css";

export function Catalogue({ models, installations }: { models: CatalogueModel[]; installations: Installation[] }) {
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const add = useMutation({
    mutationFn: (name: string) => api.POST("/api/admin/models", { body: { name }, headers: { "Idempotency-Key": newIdempotencyKey() } }),
    onError: tell,
    onSettled: () => void changed(),
  });
  const columns: Column<CatalogueModel>[] = [
    { name: "Model", cell: (model) => <strong>{model.name}</strong> },
    { name: "For", cell: (model) => model.purpose },
    { name: "Scale", isNumber: true, cell: (model) => `${model.scale}×` },
    { name: "Size", isNumber: true, cell: (model) => formatBytes(model.bytes) },
    { name: "Licence", cell: (model) => model.licence },
    { name: "Do", isNumber: true, cell: (model) => (
      <Adding model={model} installation={installations.find(({ name }) => name === model.name)}
        isAsked={add.isPending && add.variables === model.name} onAdd={() => add.mutate(model.name)} />
    ) },
  ];
  return <Table caption="Models that can be added" columns={columns} rows={models} keyOf={(model) => model.name}
    empty="This server knows of no further models." />;
}

interface AddingProps {
  model: CatalogueModel;
  installation: Installation | undefined; // the last try
  isAsked: boolean;
  onAdd: () => void;
}

function Adding({ model, installation, isAsked, onAdd }: AddingProps) {
  if (model.installed) return <Badge look="good">installed</Badge>;
  if (installation?.state === "running") {
    const { received_bytes: received, total_bytes: total } = installation;
    return <span className={style.adding}>
      <Progress value={total > 0 ? received / total : null} label={`Fetching ${model.name}`} />
      {formatBytes(received)} of {formatBytes(total)}
    </span>;
  }
  return <span className={style.adding}>
    {installation?.state === "failed" && <span className={style.bad}>{installation.error}</span>}
    <Button isBusy={isAsked} aria-label={`Add ${model.name}`} onClick={onAdd}>{installation?.state === "failed" ? "Try again" : "Add"}</Button>
  </span>;
}

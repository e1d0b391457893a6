import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Progress } from "../../components/progress";
import { type Column, Table } from "../../components/table";
import { useProblemToast } from "../../components/toast";
import { formatBytes } from "../../format";
import { type CatalogueModel, type Installation, useAdminChanged } from "./admin_data";
import style from "./models.module.css";

export function Catalogue({ models, installations }: { models: CatalogueModel[]; installations: Installation[] }) {
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const add = useMutation({
    mutationFn: (name: string) => api.POST("/api/admin/models", { body: { name } }),
    onError: tell,
    onSettled: () => void changed(),
  });
  const columns: Column<CatalogueModel>[] = [
    { name: "Model", cell: ({ name, description }) =>
      <span className={style.name}><strong>{name}</strong><span className={style.what}>{description}</span></span> },
    { name: "For", cell: (model) => model.purpose },
    { name: "Scale", isNumber: true, cell: (model) => `${model.scale}×` },
    { name: "Size", isNumber: true, cell: (model) => (model.bytes === null ? "–" : formatBytes(model.bytes)) },
    { name: "Licence", isWhole: true, cell: (model) => model.licence },
    { name: "Actions", isAction: true, cell: (model) => (
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
      <Progress value={total ? received / total : null} label={`Fetching ${model.name}`} />
      {formatBytes(received)}{total !== null && ` of ${formatBytes(total)}`}
    </span>;
  }
  return <span className={style.adding}>
    {installation?.state === "failed" && <span className={style.bad}>{installation.error}</span>}
    <Button isBusy={isAsked} aria-label={`Add ${model.name}`} onClick={onAdd}>
      {installation?.state === "failed" ? "Try again" : "Add"}
    </Button>
  </span>;
}

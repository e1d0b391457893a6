import { useMutation } from "@tanstack/react-query";
import { Trash2 } from "lucide-react";
import { useState } from "react";
import { api } from "../../api/client";
import { Badge } from "../../components/badge";
import { Button } from "../../components/button";
import { Confirm } from "../../components/dialog";
import { type Column, Table } from "../../components/table";
import { useProblemToast, useToast } from "../../components/toast";
import { formatBytes } from "../../format";
import { type Model, titleOfTier, useAdminChanged } from "./admin_data";
import style from "./models.module.css";

const kMany = new Intl.NumberFormat(undefined, { notation: "compact" });

export function InstalledModels({ models }: { models: Model[] }) {
  const [removed, setRemoved] = useState<Model | null>(null);
  const columns: Column<Model>[] = [
    { name: "Model", cell: (model) => <span className={style.name}>
      <strong>{model.name}</strong>{model.shipped && <Badge>shipped</Badge>}
      <span className={style.what}>{model.description}</span>
    </span> },
    { name: "Used by", cell: (model) => model.used_by.length > 0 && <span className={style.users}>
      {model.used_by.map((user) => <Badge key={user} look="busy">{titleOfTier(user)}</Badge>)}
    </span> },
    { name: "For", cell: (model) => model.purpose },
    { name: "Network", cell: (model) =>
      `${model.architecture} ${model.scale}×, ${kMany.format(model.parameters)} parameters` },
    { name: "Size", isNumber: true, cell: (model) => formatBytes(model.bytes) },
    { name: "Licence", cell: (model) => model.licence },
    { name: "Actions", isAction: true, cell: (model) => !model.shipped &&
      <Button look="quiet" icon={<Trash2 />} aria-label={`Remove ${model.name}`} onClick={() => setRemoved(model)} /> },
  ];
  return (
    <>
      <Table caption="Installed models" columns={columns} rows={models} keyOf={(model) => model.name}
        empty="No model is installed." />
      {removed && <RemoveModel model={removed} onClose={() => setRemoved(null)} />}
    </>
  );
}

function RemoveModel({ model, onClose }: { model: Model; onClose: () => void }) {
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: () => api.DELETE("/api/admin/models/{name}", { params: { path: { name: model.name } } }),
    onSuccess: () => show(`${model.name} was removed`),
    onError: tell,
    onSettled: () => {
      onClose();
      void changed();
    },
  });
  return (
    <Confirm title={`Remove ${model.name}?`} action="Remove" isBusy={isPending} onConfirm={() => mutate()}
      onClose={onClose}>
      <p>Its file of {formatBytes(model.bytes)} is deleted. {model.used_by.length > 0 &&
        <>It is used by {model.used_by.map(titleOfTier).join(", ")}: choose another model for that first.</>}</p>
    </Confirm>
  );
}

import { FilePlus } from "lucide-react";
import { useState } from "react";
import { $api } from "../../api/client";
import { Button } from "../../components/button";
import { Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import style from "./admin.module.css";
import { AddModel } from "./add_model";
import { Catalogue } from "./catalogue";
import { InstalledModels } from "./installed_models";
import { Tiers } from "./tiers";

const kLookAgainMs = 1_000; // while one is being fetched

export default function ModelsSection() {
  const [isAdding, setAdding] = useState(false);
  const { data, error, refetch } = $api.useQuery("get", "/api/admin/models", undefined,
    { refetchInterval: ({ state }) =>
      (state.data?.installations.some((one) => one.state === "running") ? kLookAgainMs : false) });
  const tiers = $api.useQuery("get", "/api/admin/tiers");
  if (!data || !tiers.data) {
    const problem = error ?? tiers.error;
    const again = () => Promise.all([refetch(), tiers.refetch()]);
    return problem ? <ProblemState error={problem} onRetry={() => void again()} /> : <Skeleton lines={12} />;
  }
  return (
    <div className={style.section}>
      <Section title="Which model is used"><Tiers tiers={tiers.data.tiers} /></Section>
      <Section title="Installed"
        actions={<Button icon={<FilePlus />} onClick={() => setAdding(true)}>Add from files</Button>}>
        <InstalledModels models={data.models} />
      </Section>
      <Section title="Catalogue"><Catalogue models={data.catalogue} installations={data.installations} /></Section>
      {isAdding && <AddModel onClose={() => setAdding(false)} />}
    </div>
  );
}

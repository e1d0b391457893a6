import { useMutation } from "@tanstack/react-query";
import { api } from "../../api/client";
import { Select } from "../../components/field";
import { useProblemToast, useToast } from "../../components/toast";
import { type Tier, titleOfTier, useAdminChanged } from "./admin_data";
import style from "./models.module.css";

export function Tiers({ tiers }: { tiers: readonly Tier[] }) {
  return <div className={style.tiers}>{tiers.map((tier) => <TierChoice key={tier.name} tier={tier} />)}</div>;
}

function TierChoice({ tier }: { tier: Tier }) {
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: (model: string | null) =>
      api.PUT("/api/admin/tiers/{name}", { params: { path: { name: tier.name } }, body: { model } }),
    onSuccess: ({ data }) =>
      show(`${titleOfTier(tier.name)}: ${data!.model ?? data!.default ?? "no network"}, from the next job on`),
    onError: tell,
    onSettled: () => void changed(),
  });
  return (
    <Select label={titleOfTier(tier.name)} value={tier.model ?? ""} disabled={isPending}
      onChange={(event) => mutate(event.currentTarget.value || null)}>
      <option value="">{tier.default ?? "none"} (default)</option>
      {tier.choices.filter((choice) => choice !== tier.default).map((choice) =>
        <option key={choice} value={choice}>{choice}</option>)}
    </Select>
  );
}

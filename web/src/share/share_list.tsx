import { Lock } from "lucide-react";
import { useState } from "react";
import { Badge } from "../components/badge";
import { Button } from "../components/button";
import { Confirm } from "../components/dialog";
import { ProblemNote } from "../components/problem_state";
import { Skeleton } from "../components/progress";
import { useProblemToast, useToast } from "../components/toast";
import { formatAgo, formatCount, formatDay } from "../format";
import { type Share, type SharedKind, useRevokeShare, useShares } from "./shares";
import style from "./share_dialog.module.css";

// The links there are. What they lead to is known; their addresses nobody keeps.
export function ShareList({ kind, id }: { kind: SharedKind; id: string }) {
  const { data: shares, error, isPending } = useShares(kind, id);
  const [asked, setAsked] = useState<Share | null>(null);
  const revoke = useRevokeShare(kind, id);
  const toast = useToast();
  const showProblem = useProblemToast();
  const confirm = (share: Share) => revoke.mutate(share.share_id, {
    onSuccess: () => toast("The link is revoked"),
    onError: showProblem,
    onSettled: () => setAsked(null),
  });
  if (isPending) return <Skeleton lines={2} />;
  if (error) return <ProblemNote error={error} />;
  if (!shares.length) return null;
  return (
    <section className={style.links}>
      <h3>{formatCount(shares.length, "link")}</h3>
      <ul>{shares.map((share) => (
        <li key={share.share_id}>
          <Facts share={share} />
          <Button look="quiet" onClick={() => setAsked(share)}
            aria-label={`Revoke the link of ${formatDay(share.created_at_ms)}`}>
            Revoke
          </Button>
        </li>
      ))}</ul>
      {asked && (
        <Confirm title="Revoke this link?" action="Revoke" isBusy={revoke.isPending} onConfirm={() => confirm(asked)}
          onClose={() => setAsked(null)}>
          <p>Whoever has it sees nothing from then on. It cannot be had back, but another can be made.</p>
        </Confirm>
      )}
    </section>
  );
}

function Facts({ share }: { share: Share }) {
  const { expires_at_ms: end } = share;
  const life = end === null ? "until it is revoked" : `${end <= Date.now() ? "ended" : "ends"} ${formatAgo(end)}`;
  return (
    <div>
      <p>
        Made {formatAgo(share.created_at_ms)}
        {share.has_password && <> <Badge><Lock aria-hidden="true" /> password</Badge></>}
        {share.role === "downloader" && <> <Badge>download</Badge></>}
      </p>
      <p className={style.faint}>
        {formatCount(share.view_count, "view")} · {life}
      </p>
    </div>
  );
}

import { useMutation } from "@tanstack/react-query";
import { Confirm } from "../../components/dialog";
import { useProblemToast, useToast } from "../../components/toast";
import { formatCount } from "../../format";
import { useAdminChanged } from "./admin_data";
import { drain, type DrainOf } from "./queue_data";

export interface Draining {
  what: DrainOf;
  count: number;
  name: string;
}

export function DrainQueue({ draining: { what, count, name }, onClose }: { draining: Draining; onClose: () => void }) {
  const show = useToast();
  const tell = useProblemToast();
  const changed = useAdminChanged();
  const { mutate, isPending } = useMutation({
    mutationFn: () => drain(what),
    onSuccess: (cancelled) => show(`${formatCount(cancelled, "job")} cancelled`),
    onError: tell,
    onSettled: () => {
      onClose();
      void changed();
    },
  });
  return (
    <Confirm title={`Drain ${name}?`} action="Cancel them" isBusy={isPending} onConfirm={() => mutate()}
      onClose={onClose}>
      <p>
        {count === 1 ? "The job that waits" : `All ${formatCount(count, "job")} that wait`} will be cancelled,
        for good. Tokens are given back.
      </p>
    </Confirm>
  );
}

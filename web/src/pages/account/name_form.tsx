import { $api } from "../../api/client";
import { Button } from "../../components/button";
import { TextField } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useToast } from "../../components/toast";
import { useDraft } from "../../session/draft";
import { useSession } from "../../session/session";
import style from "./account_page.module.css";

export function NameForm({ name }: { name: string }) {
  const { refresh } = useSession();
  const show = useToast();
  const [wanted, setWanted, clear] = useDraft<string | null>("account-name", null);
  const change = $api.useMutation("patch", "/api/account", {
    onSuccess: async () => {
      await refresh();
      clear();
      show("Your name is changed");
    },
  });
  const value = wanted ?? name;
  return (
    <form className={style.form}
      onSubmit={(event) => { event.preventDefault(); change.mutate({ body: { name: value.trim() } }); }}>
      <TextField label="Name" name="name" autoComplete="name" maxLength={200} hint="May be left empty" value={value}
        onChange={(event) => setWanted(event.currentTarget.value)} />
      <ProblemNote error={change.error} />
      <Button type="submit" isBusy={change.isPending} disabled={value.trim() === name}>Change the name</Button>
    </form>
  );
}

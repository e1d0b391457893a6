// Links for people without an account: to a picture or to an album.
import { Link2 } from "lucide-react";
import { useState } from "react";
import { Button } from "../components/button";
import { CopyButton } from "../components/copy_button";
import { Dialog } from "../components/dialog";
import { Checkbox, Select, TextField } from "../components/field";
import { ProblemNote } from "../components/problem_state";
import { ShareList } from "./share_list";
import { type SharedKind, useCreateShare } from "./shares";
import style from "./share_dialog.module.css";

const kDay = 86_400;
const kLifetimes = [
  { seconds: 3_600, label: "For an hour" },
  { seconds: kDay, label: "For a day" },
  { seconds: 7 * kDay, label: "For a week" },
  { seconds: 30 * kDay, label: "For 30 days" },
  { seconds: 0, label: "Until it is revoked" },
];
const kPasswordMin = 4;

interface ShareDialogProps {
  kind: SharedKind;
  id: string;
  onClose: () => void;
}

export function ShareDialog({ kind, id, onClose }: ShareDialogProps) {
  const create = useCreateShare(kind, id);
  const what = kind === "images" ? "picture" : "album";
  return (
    <Dialog title={`Share this ${what}`} onClose={onClose}>
      <p className={style.lead}>
        Whoever has the link sees the {what} without an account, private or not, and never where it was taken.
      </p>
      {create.data ? <Created url={create.data.url} onMore={create.reset} /> : <Form create={create} />}
      <ShareList kind={kind} id={id} />
    </Dialog>
  );
}

function Form({ create }: { create: ReturnType<typeof useCreateShare> }) {
  const [seconds, setSeconds] = useState(7 * kDay);
  const [password, setPassword] = useState("");
  const [mayDownload, setMayDownload] = useState(false);
  const submit = () => create.mutate({
    type: "link",
    role: mayDownload ? "downloader" : "viewer",
    ...(seconds ? { expires_in_sec: seconds } : {}),
    ...(password ? { password } : {}),
  });
  return (
    <form className={style.form} onSubmit={(event) => { event.preventDefault(); submit(); }}>
      <Select label="It works" value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
        {kLifetimes.map(({ seconds: value, label }) => <option key={value} value={value}>{label}</option>)}
      </Select>
      <TextField label="Password, if it needs one" type="text" autoComplete="off" spellCheck={false}
        minLength={kPasswordMin} maxLength={512} placeholder="None" value={password}
        onChange={(event) => setPassword(event.currentTarget.value)} />
      <div className={style.whole}>
        <Checkbox label="Visitors may download" checked={mayDownload} hint="A copy in full size, without its metadata."
          onChange={(event) => setMayDownload(event.currentTarget.checked)} />
      </div>
      <div className={style.whole}><ProblemNote error={create.error} /></div>
      <div className={style.whole}>
        <Button look="main" type="submit" icon={<Link2 />} isBusy={create.isPending}>Make a link</Button>
      </div>
    </form>
  );
}

// `url` is null where the answer was one that had been given before: no secret is kept.
function Created({ url, onMore }: { url: string | null; onMore: () => void }) {
  return (
    <section className={style.created} aria-label="The new link">
      {url
        ? <>
            <input className={style.url} aria-label="Link" readOnly autoFocus value={url}
              onFocus={(event) => event.currentTarget.select()} />
            <CopyButton text={url} label="Copy link" />
            <p>It is shown this once: copy it now.</p>
          </>
        : <p>The link was made, but can be shown only once. Revoke it below and make another.</p>}
      <Button look="quiet" onClick={onMore}>Make another</Button>
    </section>
  );
}

import { TriangleAlert } from "lucide-react";
import { Button } from "../../components/button";
import { Code } from "../../components/code";
import { CopyButton } from "../../components/copy_button";
import { Dialog } from "../../components/dialog";
import style from "./developers_page.module.css";

const exampleWith = (key: string) => `curl -s ${window.location.origin}/api/v1/upscale \\
  -H "Authorization: Bearer ${key}" \\
  -F file=@photo.jpg -F scale=2`;

// The one time that a key can be seen: no click beside it and no Escape loses it.
export function ShownKey({ apiKey, onClose }: { apiKey: string | null; onClose: () => void }) {
  if (apiKey === null) {
    return (
      <Dialog title="The key was made before" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
        <p>Its text was in an answer that did not arrive, and is not kept. Revoke it in the list and make another.</p>
      </Dialog>
    );
  }
  return (
    <Dialog title="Copy your key now" isWide
      actions={<Button look="main" onClick={onClose}>I have it</Button>}>
      <p className={style.warning}>
        <TriangleAlert /> It is shown this once. Nobody can look it up later, not even whoever runs this server.
      </p>
      <p className={style.secret}><code>{apiKey}</code><CopyButton text={apiKey} label="Copy the key" /></p>
      <h3>Try it with a photograph</h3>
      <Code label="A first call" text={exampleWith(apiKey)} />
    </Dialog>
  );
}

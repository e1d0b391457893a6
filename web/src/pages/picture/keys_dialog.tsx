import { Dialog } from "../../components/dialog";
import { Checkbox } from "../../components/field";
import { setKeysOn, useKeysOn } from "./use_keys";
import style from "./picture_page.module.css";

const kKeys: [string[], string][] = [
  [["←", "→"], "Picture before, picture after"],
  [["+", "−"], "Zoom in, zoom out"],
  [["0"], "The whole picture"],
  [["1"], "Pixel for pixel"],
  [["Shift ←", "→", "↑", "↓"], "Move the picture"],
  [["o"], "The original, while it is held"],
  [["c"], "Compare in the next way"],
  [["e"], "Enhance"],
  [["i"], "About the picture"],
  [["s"], "Share"],
  [["f"], "Full screen"],
  [["Delete"], "Delete"],
  [["?"], "These keys"],
];

export function KeysDialog({ onClose }: { onClose: () => void }) {
  const isOn = useKeysOn();
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className={style.keys}>
        {kKeys.map(([keys, meaning]) => (
          <div key={meaning}><dt>{keys.map((key) => <kbd key={key}>{key}</kbd>)}</dt><dd>{meaning}</dd></div>
        ))}
      </dl>
      <p className={style.faint}>The wheel or two fingers zoom, a double click looks closer and back, a drag moves.</p>
      <Checkbox label="Single letters and signs are keys" checked={isOn}
        hint="Switch them off where they get in the way of speech input."
        onChange={(event) => setKeysOn(event.currentTarget.checked)} />
    </Dialog>
  );
}

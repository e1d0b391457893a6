import { ImagePlus, Images, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { Button } from "../../components/button";
import { PicturePicker } from "../../components/picture_picker";
import { useProblemToast } from "../../components/toast";
import { kPictureTypes } from "../../upload/picture_files";
import { useDropTarget } from "../../upload/upload_context";
import { useUpload } from "./use_source";
import style from "./stage.module.css";

interface SourceChoiceProps {
  isEmpty: boolean; // nothing is chosen yet: it says what can be done
  name: string | null;
  onChoose: (image: string) => void;
}

// From the library, from a file, or by dropping one.
export function SourceChoice({ isEmpty, name, onChoose }: SourceChoiceProps) {
  const [isPicking, setPicking] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  const upload = useUpload();
  const tell = useProblemToast();
  const take = (file: File | undefined) => {
    if (file) void upload.mutateAsync(file).then(onChoose, tell); // also when another operation is shown by then
  };
  useDropTarget("Drop to work on it", (files) => take(files[0]));
  const buttons = (
    <div className={style.buttons}>
      <Button icon={<Images />} onClick={() => setPicking(true)}>
        {isEmpty ? "From the library" : "Another picture"}
      </Button>
      <Button icon={<Upload />} isBusy={upload.isPending} onClick={() => input.current?.click()}>Choose a file</Button>
    </div>
  );
  return (
    <div className={isEmpty ? style.drop : style.bar}>
      {isEmpty
        ? <>
            <ImagePlus className={style.dropIcon} aria-hidden="true" />
            <h2>Choose a picture</h2><p>One of your library, or a file: drop it here.</p>
          </>
        : <p className={style.name}>{name}</p>}
      {buttons}
      <input ref={input} type="file" accept={kPictureTypes} hidden aria-label="Picture file"
        onChange={({ currentTarget }) => { take(currentTarget.files?.[0]); currentTarget.value = ""; }} />
      {isPicking && <PicturePicker title="Choose a picture" onClose={() => setPicking(false)}
        onPick={({ id }) => { setPicking(false); onChoose(id); }} />}
    </div>
  );
}

// A picture to go by, beside the one that is worked on.
interface ReferenceChoiceProps {
  image: string | null;
  onChoose: (image: string | null) => void;
}

export function ReferenceChoice({ image, onChoose }: ReferenceChoiceProps) {
  const [isPicking, setPicking] = useState(false);
  return (
    <div className={style.reference}>
      {image && <img src={`/v1/images/${encodeURIComponent(image)}:view?variant=thumb&redirect=true`}
        alt="The reference" width={64} height={64} />}
      <Button onClick={() => setPicking(true)}>{image ? "Another reference" : "Light as in another picture"}</Button>
      {image && <Button look="quiet" onClick={() => onChoose(null)}>Without</Button>}
      {isPicking && <PicturePicker title="Choose a reference" onClose={() => setPicking(false)}
        onPick={({ id }) => { setPicking(false); onChoose(id); }} />}
    </div>
  );
}

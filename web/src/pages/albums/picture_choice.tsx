import { Check } from "lucide-react";
import type { components } from "../../api/schema/hosting";
import { Picture } from "../../components/picture";
import { shapeOf, titleOf } from "./album_image";
import style from "./add_pictures.module.css";

interface PictureChoiceProps {
  image: components["schemas"]["FoundImage"];
  isThere: boolean; // in the album already
  isChosen: boolean;
  onChoose: (isChosen: boolean) => void;
}

export function PictureChoice({ image, isThere, isChosen, onChoose }: PictureChoiceProps) {
  return (
    <label className={style.choice}>
      <input type="checkbox" checked={isThere || isChosen} disabled={isThere}
        onChange={(event) => onChoose(event.currentTarget.checked)} />
      <Picture id={image.image_id} alt={titleOf(image)} {...shapeOf(image)} thumbHash={image.thumb_hash} isFilling
        sizes="10rem" />
      <span className={style.mark} aria-hidden="true"><Check /></span>
      {isThere && <span className={style.there}>in it already</span>}
    </label>
  );
}

import { Share2 } from "lucide-react";
import { Button } from "../../components/button";
import { CopyButton } from "../../components/copy_button";
import { variantUrl } from "../../api/picture_url";
import { Albums } from "./albums";
import { Downloads } from "./downloads";
import { FileFacts } from "./file_facts";
import { MetadataPart } from "./metadata";
import { Similar } from "./similar";
import { Tags } from "./tags";
import type { Image } from "./use_image";
import { Visibility } from "./visibility";
import { Words } from "./words";
import style from "./panel.module.css";

interface AboutProps {
  image: Image;
  isMine: boolean;
  onShare: () => void;
  onOpen: (id: string) => void;
}

export function About({ image, isMine, onShare, onOpen }: AboutProps) {
  const id = image.image_id;
  const address = window.location.origin + variantUrl(id, "large");
  return (
    <>
      {isMine ? <Words image={image} /> : <ForeignWords image={image} />}
      {isMine && <Tags image={image} />}
      {isMine && (
        <section className={style.part}>
          <h2>Who sees it</h2>
          <Visibility image={image} />
          <div className={style.jobActions}>
            <Button icon={<Share2 />} onClick={onShare}>Share by a link</Button>
            {image.visibility === "public" && <CopyButton text={address} label="Copy address" />}
          </div>
        </section>
      )}
      {isMine && <MetadataPart imageId={id} />}
      <FileFacts image={image} />
      <Downloads image={image} />
      {isMine && <Albums image={image} />}
      {isMine && <Similar id={id} onOpen={onOpen} />}
    </>
  );
}

// Somebody else's public picture: read, not written.
function ForeignWords({ image }: { image: Image }) {
  if (!image.description && !image.tags.length) return null;
  return (
    <section className={style.part}>
      {image.description && <p className={style.words}>{image.description}</p>}
      {image.tags.length > 0 && <p className={style.faint}>{image.tags.join(", ")}</p>}
    </section>
  );
}

import { ImageOff } from "lucide-react";
import { ButtonLink } from "../../components/button";
import { Empty } from "../../components/empty";
import { Page } from "../../components/page";
import type { Place } from "./use_neighbours";
import style from "./picture_page.module.css";

interface NotArrivedProps {
  id: string;
  isLoading?: boolean;
  fault?: string; // why the file that came was refused
  back: Place;
}

// The stage before the picture is known, or one whose original is still being uploaded.
export function NotArrived({ id, isLoading, fault, back }: NotArrivedProps) {
  if (isLoading) {
    return (
      <div className={style.page} role="status" aria-label="Loading">
        <div className={style.bar}><ButtonLink look="quiet" href={back.href}>{back.label}</ButtonLink></div>
        <div className={style.box} />
      </div>
    );
  }
  return (
    <Page title="Picture" isTitleHidden>
      <Empty icon={<ImageOff />} title="This picture has not arrived yet"
        action={<ButtonLink href={back.href}>{back.label}</ButtonLink>}>
        {fault ? `Its file was refused: ${fault}.` : `Its upload has begun and not ended: ${id}.`}
      </Empty>
    </Page>
  );
}

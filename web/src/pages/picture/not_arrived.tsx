import { ImageOff } from "lucide-react";
import { ButtonLink } from "../../components/button";
import { Empty } from "../../components/empty";
import { Page } from "../../components/page";
import type { Place } from "./use_neighbours";
import style from "./picture_page.module.css";

// The stage before the picture is known, or one whose original is still being uploaded.
export function NotArrived({ id, isLoading, back }: { id: string; isLoading?: boolean; back: Place }) {
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
        Its upload has begun and not ended: {id}.
      </Empty>
    </Page>
  );
}

import {
  Aperture, Camera, Clapperboard, Eraser, Expand, Images, Maximize2, Palette, PenLine, Sparkles, Sun, Wand,
} from "lucide-react";
import { useEffect, useRef } from "react";
import { Link } from "wouter";
import { Badge } from "../../components/badge";
import { formatTokens } from "../../format";
import type { Operation } from "./operation";
import style from "./operation_list.module.css";

const kIcons: Record<string, typeof Aperture> = {
  generate: Images, edit: PenLine, upscale: Maximize2, "remove-background": Eraser, relight: Sun, expand: Expand,
  "magic-prompt": Wand, "magic-edit": Sparkles, "flux-lora": Palette, "camera-control": Camera,
  "video-replicate": Clapperboard,
};

// What there is not here stands last.
const inOrder = (operations: Operation[]) => [...operations].sort((a, b) => Number(b.ready) - Number(a.ready));

export function OperationCards({ operations }: { operations: Operation[] }) {
  return (
    <ul className={style.cards}>
      {inOrder(operations).map(({ operationType, title, description, cost, ready }) => {
        const Icon = kIcons[operationType] ?? Aperture;
        return (
          <li key={operationType}>
            <Link href={`/studio/${operationType}`} className={style.card}>
              <Icon aria-hidden="true" />
              <strong>{title}</strong>
              <span className={style.words}>{description}</span>
              <span className={style.price}>{ready ? formatTokens(cost) : <Badge>Not on this server</Badge>}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

export function OperationLinks({ operations, current }: { operations: Operation[]; current: string }) {
  const links = useRef<HTMLElement>(null);
  useEffect(() => {
    links.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [current]);
  return (
    <nav ref={links} className={style.links} aria-label="Operations">
      {inOrder(operations).map(({ operationType, title }) => {
        const Icon = kIcons[operationType] ?? Aperture;
        return (
          <Link key={operationType} href={`/studio/${operationType}`}
            aria-current={operationType === current ? "page" : undefined}>
            <Icon aria-hidden="true" />{title}
          </Link>
        );
      })}
    </nav>
  );
}

import {
  ArrowLeft, Download, Info, Keyboard, MoreHorizontal, Share2, Sparkles, Trash2, WandSparkles,
} from "lucide-react";
import { useLocation } from "wouter";
import { downloadUrl } from "../../api/picture_url";
import { Button, ButtonLink } from "../../components/button";
import { Menu } from "../../components/menu";
import { formatNumber } from "../../format";
import type { PanelPart } from "./use_panel";
import type { Neighbours } from "./use_neighbours";
import style from "./picture_page.module.css";

interface BarProps {
  id: string;
  name: string;
  isMine: boolean;
  neighbours: Neighbours;
  panel: PanelPart | null;
  onPanel: (part: PanelPart) => void;
  onShare: () => void;
  onDelete: () => void;
  onKeys: () => void;
}

export function Bar({ id, name, isMine, neighbours, panel, onPanel, onShare, onDelete, onKeys }: BarProps) {
  const [, navigate] = useLocation();
  const { back, position, count } = neighbours;
  const download = () => window.location.assign(downloadUrl(id));
  const always = [
    { label: "Download the original", icon: <Download />, run: download },
    { label: "Keys", icon: <Keyboard />, run: onKeys },
  ];
  const own = [
    { label: "Share", icon: <Share2 />, run: onShare },
    { label: "Open in the studio", icon: <WandSparkles />, run: () => navigate(`/studio?image=${id}`) },
    { label: "Delete", icon: <Trash2 />, isDanger: true, run: onDelete },
  ];
  return (
    <header className={style.bar}>
      <ButtonLink look="quiet" href={back.href} icon={<ArrowLeft />} aria-label={back.label} />
      <h1 className={style.name} title={name}>{name}</h1>
      {position !== null && (
        <span className={style.position}>
          <span className="unseen">Picture </span>{formatNumber(position)}{count && ` of ${formatNumber(count)}`}
        </span>
      )}
      <span className={style.space} />
      {isMine && (
        <Button look="quiet" icon={<Sparkles />} aria-pressed={panel === "enhance"} onClick={() => onPanel("enhance")}>
          Enhance
        </Button>
      )}
      <Button look="quiet" icon={<Info />} aria-label="About this picture" aria-pressed={panel === "info"}
        onClick={() => onPanel("info")} />
      {isMine && (
        <span className={style.beside}>
          <Button look="quiet" icon={<Share2 />} aria-label="Share" onClick={onShare} />
        </span>
      )}
      <Menu label="More" look="quiet" icon={<MoreHorizontal />} isLabelHidden
        items={isMine ? [always[0]!, ...own, always[1]!] : always} />
    </header>
  );
}

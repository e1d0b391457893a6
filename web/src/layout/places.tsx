// Where one can go: beside the page, and on phones in a bar below it, where the places of every day stand and the rest
// is behind "More".
import { Code, Ellipsis, FolderKanban, Images, Layers, Settings, Shield, Sparkles, Wallet } from "lucide-react";
import { type FocusEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import { Link, useLocation } from "wouter";
import { useMe } from "../session/session";
import style from "./places.module.css";

const kPlaces = [
  { href: "/library", label: "Library", icon: <Images />, holds: ["/library", "/pictures", "/trash"] },
  { href: "/albums", label: "Albums", icon: <Layers />, holds: ["/albums"] },
  { href: "/studio", label: "Studio", icon: <Sparkles />, holds: ["/studio"] },
  { href: "/batches", label: "Batches", icon: <FolderKanban />, holds: ["/batches"] },
];
const kRest = [
  { href: "/wallet", label: "Wallet", icon: <Wallet />, holds: ["/wallet"] },
  { href: "/developers", label: "Developers", icon: <Code />, holds: ["/developers"] },
  { href: "/account", label: "Account", icon: <Settings />, holds: ["/account"] },
];
const kAdmin = { href: "/admin", label: "Admin", icon: <Shield />, holds: ["/admin"] };

type Place = typeof kAdmin;

const isIn = (place: Place, location: string) =>
  place.holds.some((path) => location === path || location.startsWith(`${path}/`));

function PlaceLink({ place }: { place: Place }) {
  const [location] = useLocation();
  return (
    <Link href={place.href} aria-current={isIn(place, location) ? "page" : undefined}>
      {place.icon}<span>{place.label}</span>
    </Link>
  );
}

export function Places() {
  const me = useMe();
  const [location] = useLocation();
  const [isOpen, setOpen] = useState(false);
  const frame = useRef<HTMLDivElement>(null);
  const more = useRef<HTMLButtonElement>(null);
  const rest = me.role === "admin" ? [...kRest, kAdmin] : kRest;

  useEffect(() => setOpen(false), [location]);
  useEffect(() => {
    if (!isOpen) return undefined;
    const leave = (event: PointerEvent) => {
      if (!frame.current?.contains(event.target as Node)) setOpen(false);
    };
    document.addEventListener("pointerdown", leave);
    return () => document.removeEventListener("pointerdown", leave);
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !isOpen) return;
    setOpen(false);
    more.current?.focus();
  };
  const onBlur = (event: FocusEvent) => {
    if (event.relatedTarget && !frame.current?.contains(event.relatedTarget)) setOpen(false);
  };
  return (
    <nav className={style.places} aria-label="Main">
      {kPlaces.map((place) => <PlaceLink key={place.href} place={place} />)}
      <div ref={frame} className={style.rest} onKeyDown={onKeyDown} onBlur={onBlur}>
        <button ref={more} type="button" aria-expanded={isOpen} aria-controls="more-places"
          data-holds-current={rest.some((place) => isIn(place, location)) || undefined}
          onClick={() => setOpen(!isOpen)}>
          <Ellipsis /><span>More</span>
        </button>
        <div id="more-places" className={style.sheet} data-open={isOpen || undefined}>
          {rest.map((place) => <PlaceLink key={place.href} place={place} />)}
        </div>
      </div>
    </nav>
  );
}

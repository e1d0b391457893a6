import { $api } from "../../api/client";
import type { components } from "../../api/schema/hosting";
import { formatNumber } from "../../format";
import style from "./panel.module.css";

type Metadata = components["schemas"]["ImageMetadata"];

// What the file says of how it was taken. Most drawn pictures say nothing, and then there is nothing.
export function MetadataPart({ imageId }: { imageId: string }) {
  const { data } = $api.useQuery("get", "/v1/images/{id}/metadata", { params: { path: { id: imageId } } },
    { staleTime: Infinity, retry: false });
  if (!data) return null;
  const facts = factsOf(data).filter(([, fact]) => fact);
  if (!facts.length && !data.fields.length) return null;
  return (
    <section className={style.part}>
      <h2>Camera</h2>
      {facts.length > 0 && (
        <dl className={style.facts}>
          {facts.map(([name, fact]) => <div key={name}><dt>{name}</dt><dd>{fact}</dd></div>)}
        </dl>
      )}
      {data.location && <p className={style.faint}>Only you see where it was taken.</p>}
      {data.fields.length > 0 && (
        <details className={style.fold}>
          <summary>All {formatNumber(data.fields.length)} fields</summary>
          <dl className={style.fields}>
            {data.fields.map(({ name, value }, at) => (
              <div key={at}><dt>{name}</dt><dd>{value}</dd></div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function factsOf({ camera, lens, exposure, flash, taken_at, location, software }: Metadata): [string, string | null][] {
  return [
    ["Taken", taken_at && takenAt(taken_at)],
    ["Camera", camera && cameraName(camera)],
    ["Lens", lens],
    ["Exposure", exposureText(exposure)],
    ["Flash", flash === null ? null : flash ? "Fired" : "Did not fire"],
    ["Place", location && placeText(location)],
    ["Software", software],
  ];
}

// The camera's own clock, whose zone nobody knows: it is shown as it is, not moved to the reader's.
const takenFormat = new Intl.DateTimeFormat(navigator.language,
  { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" });
const takenAt = (text: string) => takenFormat.format(new Date(`${text}Z`));

// Many a model begins with its maker's name.
function cameraName({ make, model }: NonNullable<Metadata["camera"]>): string {
  if (!make || !model) return make ?? model ?? "";
  const [maker = make] = make.split(" ", 1);
  const isSaid = model.toLowerCase().startsWith(maker.toLowerCase());
  return isSaid ? model : `${make} ${model}`;
}

const rounded = (value: number) => value.toLocaleString(undefined, { maximumFractionDigits: 1 });

// "1/250 s · f/2.8 · ISO 200 · 50 mm".
function exposureText(exposure: Metadata["exposure"]): string {
  const { time_seconds, f_number, iso, focal_length_mm, focal_length_35mm } = exposure;
  const seconds = time_seconds && (time_seconds < 0.3 ? `1/${Math.round(1 / time_seconds)}` : rounded(time_seconds));
  const isOther = focal_length_35mm && focal_length_35mm !== focal_length_mm;
  return [
    seconds && `${seconds} s`,
    f_number && `f/${rounded(f_number)}`,
    iso && `ISO ${iso}`,
    focal_length_mm && `${rounded(focal_length_mm)} mm`,
    isOther && `(${rounded(focal_length_35mm)} mm on 35 mm film)`,
  ].filter(Boolean).join(" · ");
}

function placeText({ latitude, longitude, altitude_m }: NonNullable<Metadata["location"]>): string {
  const half = (value: number, positive: string, negative: string) =>
    `${Math.abs(value).toFixed(5)}° ${value < 0 ? negative : positive}`;
  const place = `${half(latitude, "N", "S")}, ${half(longitude, "E", "W")}`;
  return altitude_m === null ? place : `${place}, ${formatNumber(Math.round(altitude_m))} m`;
}

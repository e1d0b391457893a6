import { $api } from "../../api/client";
import { Picture } from "../../components/picture";
import { nameOf } from "./use_image";
import style from "./panel.module.css";

const kDistance = 12; // of 64 bits: the same scene, not only the same file
const kShown = 12;

// Copies and close relatives, among one's own.
export function Similar({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const { data } = $api.useQuery("get", "/v1/images/{id}/similar",
    { params: { path: { id }, query: { distance: kDistance, limit: kShown } } }, { staleTime: 60_000 });
  const images = data?.images.filter(({ image_id }) => image_id !== id) ?? [];
  return (
    <section className={style.part}>
      <h2>Similar</h2>
      {data && !images.length && <p className={style.faint}>Nothing else here looks like it.</p>}
      <ul className={style.similar}>
        {images.map((image) => (
          <li key={image.image_id}>
            <button type="button" onClick={() => onOpen(image.image_id)}
              aria-label={`${nameOf(image)}${image.exact ? ", the same file" : ""}`}>
              <Picture id={image.image_id} alt="" width={image.original.width ?? 1} height={image.original.height ?? 1}
                thumbHash={image.thumb_hash} sizes="6rem" isFilling />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

// What is shown of pictures that have only been outlined: asked for around what is in sight, and kept near it, so that
// a library of any size takes the same room.
import { type QueryClient, skipToken, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useRef } from "react";
import { type GridPicture, type LibraryImage, type PictureSource, readImages } from "./picture_source";

type Images = ReadonlyMap<string, LibraryImage>;

const kKey = ["whole-images"];
const kNone: Images = new Map();
const kAtOnce = 100; // what one call answers
const kNear = 50; // before and behind what is in sight: one that lacks there has all around asked for
const kAround = 100;
const kKept = 500;

const around = (pictures: readonly GridPicture[], [first, last]: [number, number], more: number) =>
  pictures.slice(Math.max(0, first - more), last + 1 + more);

export function useWholeImages(source: PictureSource, pictures: readonly GridPicture[],
  onGone: (ids: string[]) => void) {
  const client = useQueryClient();
  const queryKey = useMemo(() => [...kKey, source.kind], [source.kind]);
  const { data: images = kNone } = useQuery<Images>({ queryKey, queryFn: skipToken, structuralSharing: false });
  const place = useRef({ pictures, sight: [0, 0] as [number, number], isAsking: false });
  place.current.pictures = pictures;

  const ask = useCallback(async (ids: string[]) => {
    const page = await readImages(source, { image_ids: ids.join(",") });
    const fresh = new Map(page.images.map((image) => [image.image_id, image]));
    const gone = ids.filter((id) => !fresh.has(id));
    if (gone.length > 0) onGone(gone);
    const near = around(place.current.pictures, place.current.sight, kKept);
    client.setQueryData<Images>(queryKey, (known = kNone) =>
      new Map(near.flatMap(({ id }) => {
        const image = fresh.get(id) ?? known.get(id);
        return image ? [[id, image] as const] : [];
      })));
  }, [client, onGone, queryKey, source]);

  // One call at a time, for where one looks then: what is flown over while it is under way is not asked for.
  const look = useCallback((first: number, last: number) => {
    const { current } = place;
    current.sight = [first, last];
    if (current.isAsking) return;
    const missing = () => {
      const known = client.getQueryData<Images>(queryKey) ?? kNone;
      const lacking = (more: number) => around(current.pictures, current.sight, more)
        .filter((picture) => !picture.image && !known.has(picture.id));
      const inSight = lacking(0);
      const wanted = inSight.length > 0 ? inSight : lacking(kNear).length > 0 ? lacking(kAround) : [];
      return wanted.slice(0, kAtOnce).map(({ id }) => id);
    };
    const work = async () => {
      for (let ids = missing(); ids.length > 0; ids = missing()) await ask(ids);
    };
    current.isAsking = true;
    // What did not come is asked for when one looks next.
    work().catch(() => undefined).finally(() => { current.isAsking = false; });
  }, [ask, client, queryKey]);

  const refresh = useCallback(async () => {
    const { pictures: all, sight } = place.current;
    const ids = around(all, sight, 0).filter(({ image }) => !image).map(({ id }) => id);
    for (let at = 0; at < ids.length; at += kAtOnce) await ask(ids.slice(at, at + kAtOnce));
  }, [ask]);

  const imageOf = useCallback((picture: GridPicture) => picture.image ?? images.get(picture.id) ?? null, [images]);
  return { imageOf, look, refresh };
}

export function editWholeImages(client: QueryClient, ids: ReadonlySet<string>, changes: Partial<LibraryImage>): void {
  client.setQueriesData<Images>({ queryKey: kKey }, (known) =>
    known && new Map([...known].map(([id, image]) => [id, ids.has(id) ? { ...image, ...changes } : image])));
}

import { useMutation, useQueries, useQueryClient } from "@tanstack/react-query";
import { FolderPlus, Layers } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { useActKey } from "../../api/act_key";
import { useNewestAlbums } from "../../api/albums";
import { api } from "../../api/client";
import type { components } from "../../api/schema/hosting";
import { Button } from "../../components/button";
import { Select } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useAlbumsChanged } from "../albums/album_data";
import type { Image } from "./use_image";
import style from "./panel.module.css";

type Album = components["schemas"]["Album"];

const kAsked = 24; // albums that are asked whether they hold the picture
const keyOf = (album: string, id: string) => ["album-holds", album, id];

// No route tells which albums a picture is in. The search does for one album: by the millisecond when it was made.
async function holds(album: Album, image: Image): Promise<boolean> {
  const [from, to] = [0, 1].map((more) => new Date(image.created_at_ms + more).toISOString());
  const q = `owner:me album:${album.album_id} after:${from} before:${to}`;
  const { data } = await api.GET("/v1/search/images", { params: { query: { q, limit: 10 } } });
  return data!.images.some(({ image_id }) => image_id === image.image_id);
}

export function Albums({ image }: { image: Image }) {
  const id = image.image_id;
  const { data, error } = useNewestAlbums();
  const albums = data?.albums ?? [];
  const asked = albums.filter(({ image_count }) => image_count > 0).slice(0, kAsked);
  const answers = useQueries({
    queries: asked.map((album) => ({
      queryKey: keyOf(album.album_id, id), queryFn: () => holds(album, image), staleTime: 60_000,
    })),
  });
  const holding = asked.filter((_, at) => answers[at]?.data);
  return (
    <section className={style.part}>
      <h2>Albums</h2>
      {holding.length > 0 && (
        <ul className={style.tags} aria-label="Albums it is in">
          {holding.map(({ album_id: album, title }) => (
            <li key={album}><Layers /><Link href={`/albums/${album}`}>{title}</Link></li>
          ))}
        </ul>
      )}
      <ProblemNote error={error} />
      <AddTo imageId={id} albums={albums.filter((album) => !holding.includes(album))} />
    </section>
  );
}

function AddTo({ imageId, albums }: { imageId: string; albums: Album[] }) {
  const client = useQueryClient();
  const albumsChanged = useAlbumsChanged();
  const key = useActKey();
  const [chosen, setChosen] = useState("");
  const add = useMutation({
    mutationFn: async (album: string) => {
      const body = { image_ids: [imageId] };
      await api.POST("/v1/albums/{id}/images", {
        params: { path: { id: album }, header: { "Idempotency-Key": key.of([album, body]) } }, body,
      });
      return album;
    },
    onSuccess: (album) => {
      key.done();
      setChosen("");
      client.setQueryData(keyOf(album, imageId), true);
      void albumsChanged();
    },
  });
  if (!albums.length) return <p className={style.faint}><Link href="/albums">Make an album</Link> to put it in.</p>;
  return (
    <form className={style.pair} onSubmit={(event) => { event.preventDefault(); if (chosen) add.mutate(chosen); }}>
      <Select label="Add it to" value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
        <option value="">An album …</option>
        {albums.map(({ album_id, title }) => <option key={album_id} value={album_id}>{title}</option>)}
      </Select>
      <Button type="submit" icon={<FolderPlus />} disabled={!chosen} isBusy={add.isPending}>Add</Button>
      <ProblemNote error={add.error} />
    </form>
  );
}

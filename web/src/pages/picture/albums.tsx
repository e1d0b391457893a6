import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { FolderPlus, Layers } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { useActKey } from "../../api/act_key";
import { useNewestAlbums } from "../../api/albums";
import { $api, api } from "../../api/client";
import type { components } from "../../api/schema/hosting";
import { Button } from "../../components/button";
import { Select } from "../../components/field";
import { ProblemNote } from "../../components/problem_state";
import { useAlbumsChanged } from "../albums/album_data";
import type { Image } from "./use_image";
import style from "./panel.module.css";

type Album = components["schemas"]["Album"];

const holdersOf = (id: string) =>
  $api.queryOptions("get", "/v1/images/{id}/albums", { params: { path: { id }, query: { limit: 100 } } });

export function Albums({ image }: { image: Image }) {
  const id = image.image_id;
  const { data, error } = useNewestAlbums();
  const albums = data?.albums ?? [];
  const holders = useQuery(holdersOf(id));
  const holding = holders.data?.albums ?? [];
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
      <ProblemNote error={error ?? holders.error} />
      <AddTo imageId={id} albums={albums.filter((one) => !holding.some((held) => held.album_id === one.album_id))} />
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
    },
    onSuccess: () => {
      key.done();
      setChosen("");
      void client.invalidateQueries(holdersOf(imageId));
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

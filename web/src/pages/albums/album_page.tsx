import { Page } from "../../components/page";

export default function AlbumPage(_: { id: string }) {
  return <Page title="Album"><></></Page>;
}

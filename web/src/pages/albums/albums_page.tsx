import { Page } from "../../components/page";

export default function AlbumsPage() {
  return <Page title="Albums"><></></Page>;
}

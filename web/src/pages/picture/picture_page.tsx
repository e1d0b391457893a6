import { Page } from "../../components/page";

export default function PicturePage(_: { id: string }) {
  return <Page title="Picture"><></></Page>;
}

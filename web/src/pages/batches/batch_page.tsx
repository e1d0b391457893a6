import { Page } from "../../components/page";

export default function BatchPage(_: { id: string }) {
  return <Page title="Batch"><></></Page>;
}

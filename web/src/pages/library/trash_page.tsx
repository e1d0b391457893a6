import { Page } from "../../components/page";

export default function TrashPage() {
  return <Page title="Trash"><></></Page>;
}

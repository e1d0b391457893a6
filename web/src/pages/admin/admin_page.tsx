import { Page } from "../../components/page";

export default function AdminPage(_: { section: string; item: string | null }) {
  return <Page title="Admin"><></></Page>;
}

import { Page } from "../../components/page";

export default function DevelopersPage(_: { section: string }) {
  return <Page title="Developers"><></></Page>;
}

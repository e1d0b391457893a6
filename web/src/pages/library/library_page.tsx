import { Page } from "../../components/page";

export function LibraryPage() {
  return <Page title="Library"><></></Page>;
}

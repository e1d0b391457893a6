import { Page } from "../../components/page";

export default function StudioPage(_: { operation: string | null }) {
  return <Page title="Studio"><></></Page>;
}

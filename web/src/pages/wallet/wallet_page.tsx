import { Page } from "../../components/page";

export default function WalletPage() {
  return <Page title="Wallet"><></></Page>;
}

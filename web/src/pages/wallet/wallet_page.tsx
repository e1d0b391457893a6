import { Page } from "../../components/page";
import { Balance } from "./balance";
import { Flow } from "./flow";
import { Held } from "./held";
import { History } from "./history";

export default function WalletPage() {
  return (
    <Page title="Wallet">
      <Balance />
      <Held />
      <Flow />
      <History />
    </Page>
  );
}

import { LogOut } from "lucide-react";
import { $api } from "../../api/client";
import type { components } from "../../api/schema/account";
import { Button } from "../../components/button";
import { Page, Section } from "../../components/page";
import { ProblemState } from "../../components/problem_state";
import { Skeleton } from "../../components/progress";
import { Choice } from "../../components/tabs";
import { useProblemToast } from "../../components/toast";
import { useMe, useSession } from "../../session/session";
import { setTheme, type Theme, useTheme } from "../../session/theme";
import { EmailForm } from "./email_form";
import { NameForm } from "./name_form";
import { PasswordForm } from "./password_form";
import { Sessions } from "./sessions";
import { Storage } from "./storage";
import style from "./account_page.module.css";

type Account = components["schemas"]["Account"];

export default function AccountPage() {
  const me = useMe();
  const { end } = useSession();
  const showProblem = useProblemToast();
  const { data, error, refetch } = $api.useQuery("get", "/api/account");
  const account = data?.account;
  return (
    <Page title="Account" lead={me.email} isNarrow
      actions={<Button icon={<LogOut />} onClick={() => void end().catch(showProblem)}>Sign out</Button>}>
      {account
        ? <Parts account={account} />
        : error ? <ProblemState error={error} onRetry={() => void refetch()} /> : <Skeleton lines={12} />}
    </Page>
  );
}

function Parts({ account }: { account: Account }) {
  return (
    <>
      <Section title="Who you are">
        <div className={style.who}>
          <NameForm name={account.name ?? ""} />
          {account.has_password && <EmailForm email={account.email} />}
        </div>
      </Section>
      {account.has_password && <Section title="Password"><PasswordForm email={account.email} /></Section>}
      <Section title="Look"><ThemeChoice /></Section>
      <Section title="Plan and storage"><Storage /></Section>
      <Sessions />
    </>
  );
}

const kThemes: readonly { value: Theme; label: string }[] = [
  { value: "system", label: "As the system" }, { value: "light", label: "Light" }, { value: "dark", label: "Dark" },
];

function ThemeChoice() {
  const theme = useTheme();
  return <Choice label="Theme" value={theme} choices={kThemes} onChange={setTheme} />;
}

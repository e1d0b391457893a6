// Which page an address is. Each comes as a file of its own when it is first opened; /library is in the first load.
import { Component, lazy, type ReactNode, Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { Problem } from "./api/problem";
import { Page } from "./components/page";
import { ProblemState } from "./components/problem_state";
import { Skeleton } from "./components/progress";
import { Boot } from "./layout/boot";
import { Shell } from "./layout/shell";
import { LibraryPage } from "./pages/library/library_page";
import { SignInPage } from "./pages/sign_in/sign_in_page";
import { useSession } from "./session/session";

const TrashPage = lazy(() => import("./pages/library/trash_page"));
const PicturePage = lazy(() => import("./pages/picture/picture_page"));
const AlbumsPage = lazy(() => import("./pages/albums/albums_page"));
const AlbumPage = lazy(() => import("./pages/albums/album_page"));
const StudioPage = lazy(() => import("./pages/studio/studio_page"));
const BatchesPage = lazy(() => import("./pages/batches/batches_page"));
const BatchPage = lazy(() => import("./pages/batches/batch_page"));
const WalletPage = lazy(() => import("./pages/wallet/wallet_page"));
const DevelopersPage = lazy(() => import("./pages/developers/developers_page"));
const AccountPage = lazy(() => import("./pages/account/account_page"));
const AdminPage = lazy(() => import("./pages/admin/admin_page"));

// The server answers these addresses with the console too: src/api/pages/console.cpp.
function Pages() {
  return (
    <Switch>
      <Route path="/library"><LibraryPage /></Route>
      <Route path="/trash"><TrashPage /></Route>
      <Route path="/pictures/:id">{({ id }) => <PicturePage id={id} />}</Route>
      <Route path="/albums"><AlbumsPage /></Route>
      <Route path="/albums/:id">{({ id }) => <AlbumPage id={id} />}</Route>
      <Route path="/studio"><StudioPage operation={null} /></Route>
      <Route path="/studio/:operation">{({ operation }) => <StudioPage operation={operation} />}</Route>
      <Route path="/batches"><BatchesPage /></Route>
      <Route path="/batches/:id">{({ id }) => <BatchPage id={id} />}</Route>
      <Route path="/wallet"><WalletPage /></Route>
      <Route path="/developers"><DevelopersPage section="keys" /></Route>
      <Route path="/developers/:section">{({ section }) => <DevelopersPage section={section} />}</Route>
      <Route path="/account"><AccountPage /></Route>
      <Route path="/admin"><AdminPage section="users" item={null} /></Route>
      <Route path="/admin/:section">{({ section }) => <AdminPage section={section} item={null} />}</Route>
      <Route path="/admin/:section/:item">{({ section, item }) => <AdminPage section={section} item={item} />}</Route>
      <Route path="/"><Redirect to="/library" replace /></Route>
      <Route path="/sign-in"><Redirect to="/library" replace /></Route>
      <Route path="/sign-up"><Redirect to="/library" replace /></Route>
      <Route><Page title="Not found" isTitleHidden><ProblemState error={kNoPage} /></Page></Route>
    </Switch>
  );
}

const kNoPage = new Problem(404, "There is no such page");

// What a page throws while it is drawn stays on that page: the way to the others is open.
class Fence extends Component<{ children: ReactNode; place: string }, { error: unknown }> {
  override state = { error: null as unknown };
  static getDerivedStateFromError(error: unknown) {
    return { error };
  }
  override componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place && this.state.error) this.setState({ error: null });
  }
  override render() {
    if (!this.state.error) return this.props.children;
    return (
      <Page title="This page could not be shown">
        <ProblemState error={this.state.error} onRetry={() => window.location.reload()} />
      </Page>
    );
  }
}

export function App() {
  const { state, problem } = useSession();
  const [location] = useLocation();
  useEffect(() => {
    document.getElementById("main")?.focus({ preventScroll: true });
  }, [location]);
  if (state === "loading") return <Boot />;
  if (state === "unreachable") {
    return (
      <Page title="Tintype" isTitleHidden>
        <ProblemState error={problem} onRetry={() => window.location.reload()} />
      </Page>
    );
  }
  if (state === "signed-out") return <SignInPage isNew={location === "/sign-up"} />;
  return (
    <Shell>
      <Fence place={location}>
        <Suspense fallback={<Page title="Loading" isTitleHidden><Skeleton /></Page>}><Pages /></Suspense>
      </Fence>
    </Shell>
  );
}

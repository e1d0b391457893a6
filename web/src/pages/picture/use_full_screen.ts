import { useEffect, useState } from "react";

// The picture alone on the screen; in the window alone where the browser does not give away the screen.
export function useFullScreen() {
  const [isFull, setFull] = useState(false);
  useEffect(() => {
    const follow = () => setFull(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", follow);
    return () => {
      document.removeEventListener("fullscreenchange", follow);
      if (document.fullscreenElement) void document.exitFullscreen();
    };
  }, []);
  const leave = () => {
    setFull(false);
    if (document.fullscreenElement) void document.exitFullscreen();
  };
  const enter = () => {
    setFull(true);
    document.documentElement.requestFullscreen?.().catch(() => undefined);
  };
  return { isFull, toggle: isFull ? leave : enter, leave };
}

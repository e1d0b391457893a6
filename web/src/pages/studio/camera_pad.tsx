import type { CSSProperties } from "react";
import { variantUrl } from "../../api/picture_url";
import { clamp, usePad } from "./use_pad";
import style from "./camera_pad.module.css";

interface CameraPadProps {
  image: string | null;
  yaw: number;
  pitch: number;
  roll: number;
  yawMax: number;
  pitchMax: number;
  onChange: (yaw: number, pitch: number) => void;
}

// The picture as a card in space, which turns as the camera goes around it.
export function CameraPad({ image, yaw, pitch, roll, yawMax, pitchMax, onChange }: CameraPadProps) {
  const pad = usePad({
    onDrag: ({ x, y }) => onChange(Math.round(clamp(x, -1, 1) * yawMax), Math.round(clamp(-y, -1, 1) * pitchMax)),
    onNudge: ({ x, y }) => onChange(clamp(yaw + x, -yawMax, yawMax), clamp(pitch + y, -pitchMax, pitchMax)),
    onReset: () => onChange(0, 0),
  });
  const turn = { "--yaw": `${-yaw}deg`, "--pitch": `${-pitch}deg`, "--roll": `${-roll}deg` } as CSSProperties;
  return (
    <div className={style.frame}>
      <div {...pad} className={style.pad} role="slider" tabIndex={0} aria-label="Where the camera stands"
        aria-valuemin={-yawMax} aria-valuemax={yawMax} aria-valuenow={yaw} aria-describedby="camera-pad-keys"
        aria-valuetext={`${yaw}° to the right, ${pitch}° up`}>
        <span className={style.card} style={turn}>
          {image && <img src={variantUrl(image, "thumb")} alt="" draggable={false} />}
        </span>
        <span className={style.eye}
          style={{ left: `${50 + (yaw / yawMax) * 50}%`, top: `${50 - (pitch / pitchMax) * 50}%` }} />
      </div>
      <p id="camera-pad-keys" className={style.keys}>
        Drag the camera, or use the arrows. Home goes back to the middle.
      </p>
    </div>
  );
}

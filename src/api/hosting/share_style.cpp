#include "api/hosting/share_style.h"

namespace tintype::api::hosting {

const char* const kShareStyle =
    R"css(:root{color-scheme:light dark;--paper:#fafaf8;--ink:#1d1c1a;--quiet:#68655f;--line:#dedad3;--box:#e9e6e0;
--stage:#f2f0ec;--accent:#8c4a1c;--on-accent:#fff;--row:)css" TINTYPE_SHARE_ROW
    R"css(}
@media (prefers-color-scheme:dark){:root{--paper:#141413;--ink:#eceae6;--quiet:#a09c94;--line:#353330;--box:#252422;
--stage:#0b0b0a;--accent:#e3a77a;--on-accent:#201509}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;min-height:100svh;display:flex;flex-direction:column;background:var(--paper);
color:var(--ink);font:400 1rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
main{flex:1}
h1{margin:0;font-size:clamp(1.5rem,1.1rem + 2vw,2.5rem);line-height:1.15;font-weight:600;letter-spacing:-.02em;
text-wrap:balance;overflow-wrap:anywhere}
p{margin:0}
a{color:inherit}
:focus-visible{outline:3px solid var(--ink);outline-offset:3px}
.quiet{color:var(--quiet);font-size:.9375rem}
.text{margin-top:.75rem;max-width:42rem;white-space:pre-line;overflow-wrap:anywhere}
.head{padding:clamp(2rem,6vw,4.5rem) clamp(1rem,4vw,3rem) clamp(1.25rem,3vw,2.25rem)}
.head .quiet{margin-top:.5rem}
.grid{list-style:none;margin:0;padding:0 clamp(1rem,4vw,3rem);display:flex;flex-wrap:wrap;align-items:flex-start;
gap:clamp(.25rem,.6vw,.5rem)}
.grid::after{content:"";flex:1000 1 0}
.grid li{flex:var(--r) 1 calc(var(--r)*var(--row));aspect-ratio:var(--r);background:var(--c);overflow:hidden}
.grid a{display:block;width:100%;height:100%;position:relative}
.grid a:focus-visible{outline-offset:-3px;outline-color:#fff;box-shadow:inset 0 0 0 6px #000}
.grid a:focus-visible img{position:relative;z-index:-1}
.grid img{display:block;width:100%;height:100%;object-fit:cover}
@media (hover:hover){.grid a:hover img{filter:brightness(1.06)}}
.soon{position:absolute;inset:auto 0 .5rem;text-align:center;color:#fff;text-shadow:0 0 4px #000;font-size:.8125rem}
.more{display:flex;justify-content:center;padding:2.5rem 1rem 0}
.empty{padding:2rem clamp(1rem,4vw,3rem)}
.stage{position:relative;display:flex;align-items:center;justify-content:center;background:var(--stage);
padding:clamp(0rem,2.5vw,2rem);min-height:min(45vh,26rem)}
.stage img,.stage .box{display:block;width:min(100%,var(--w)*1px,(100vh - 11rem)*var(--r));
width:min(100%,var(--w)*1px,(100svh - 11rem)*var(--r));height:auto;
aspect-ratio:var(--r);background:var(--c);position:relative}
.step{position:absolute;top:0;bottom:0;width:clamp(2.75rem,7vw,5.5rem);display:flex;align-items:center;
justify-content:center;text-decoration:none;font-size:1.75rem;z-index:1}
.step span{width:2.5rem;height:2.5rem;border-radius:50%;display:grid;place-items:center;
background:color-mix(in srgb,var(--paper) 78%,transparent);line-height:1}
.step:hover span{background:var(--paper)}
.step.before{left:0}
.step.behind{right:0}
.back{display:inline-flex;align-items:center;gap:.35rem;text-decoration:none}
.back:hover{text-decoration:underline}
.back svg{flex:none}
svg{width:1.125rem;height:1.125rem;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;
stroke-linejoin:round}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.caption{display:flex;flex-wrap:wrap;gap:1rem 2rem;align-items:flex-start;justify-content:space-between;
padding:1.25rem clamp(1rem,4vw,3rem)}
.caption>div{flex:1 1 16rem;min-width:0}
.caption .quiet+h1,.caption h1+.quiet{margin-top:.15rem}
.caption h1{font-size:clamp(1.125rem,1rem + .6vw,1.5rem);line-height:1.3;letter-spacing:-.01em}
.button{display:inline-block;padding:.6rem 1.15rem;border:1px solid var(--quiet);border-radius:.5rem;background:none;
color:var(--ink);font:inherit;font-weight:500;line-height:1.4;text-decoration:none;cursor:pointer}
.button:hover{border-color:var(--ink)}
.button.full{background:var(--accent);border-color:var(--accent);color:var(--on-accent)}
.note{flex:1;display:flex;flex-direction:column;align-items:center;justify-content:center;text-align:center;
gap:.75rem;padding:3rem 1.25rem}
.note h1{font-size:clamp(1.375rem,1.1rem + 1.2vw,1.875rem)}
form{display:flex;flex-direction:column;gap:.75rem;width:min(100%,20rem);margin-top:.75rem;text-align:left}
label{font-weight:500}
input{width:100%;padding:.65rem .85rem;border:1px solid var(--quiet);border-radius:.5rem;background:var(--paper);
color:var(--ink);font:inherit}
.wrong{color:#b3261e}
@media (prefers-color-scheme:dark){.wrong{color:#f2938c}}
footer{padding:2rem clamp(1rem,4vw,3rem);color:var(--quiet);font-size:.8125rem;text-align:center}
@media (prefers-reduced-motion:no-preference){.button,.step span{transition:background-color .15s,color .15s}}
@media print{.step,.more,.button,footer{display:none}}
)css";

}  // namespace tintype::api::hosting

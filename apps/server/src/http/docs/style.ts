/** Light and dark, wide and narrow. */
export const style: string = `
:root{color-scheme:light dark;--line:#8883;--soft:#8881;--quiet:light-dark(#5b6472,#98a2b3);--link:light-dark(#0b5bd3,#7db3ff);
font:16px/1.55 system-ui,sans-serif;scroll-padding-top:1rem}
body{margin:0;display:grid;grid-template-columns:19rem minmax(0,1fr);background:light-dark(#fff,#14171c);color:light-dark(#1b2026,#e4e7ec)}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
nav{position:sticky;top:0;height:100vh;overflow:auto;box-sizing:border-box;padding:1.25rem 1rem;border-right:1px solid var(--line);background:var(--soft);font-size:.875rem}
nav a{color:inherit}nav .title{display:block;font-size:1.05rem;font-weight:700;margin-bottom:1rem}
nav summary{cursor:pointer;font-weight:600;padding:.2rem 0}nav details{margin-bottom:.4rem}
nav details>a{display:block;padding:.16rem .25rem .16rem .5rem;border-radius:5px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}nav details>a:hover{background:var(--line);text-decoration:none}
nav .method{font-size:.62rem;min-width:3.1rem}
main{max-width:54rem;padding:1rem 2.5rem 6rem;box-sizing:border-box;min-width:0}
h1{font-size:1.9rem;margin:.6rem 0 .4rem}h2{font-size:1.4rem;margin:3rem 0 .5rem;padding-bottom:.4rem;border-bottom:1px solid var(--line)}
h3{font-size:1.1rem;margin:0}h3 a{color:inherit}h4{margin:1.2rem 0 .3rem;font-size:.8rem;letter-spacing:.04em;text-transform:uppercase;color:var(--quiet)}
article{padding:1.4rem 0;border-bottom:1px solid var(--line)}article:target h3{color:var(--link)}p{margin:.5rem 0}
code,pre{font:.86em/1.5 ui-monospace,SFMono-Regular,Menlo,monospace}p code,li div code,.choices code{background:var(--soft);border-radius:4px;padding:.05rem .3rem}
pre{overflow:auto;padding:.8rem 1rem;background:light-dark(#f4f6f8,#1d2229);border:1px solid var(--line);border-radius:8px;margin:.8rem 0}
.route code{background:none;padding:0;overflow-wrap:anywhere}.role{font-size:.75rem;color:var(--quiet);border:1px solid var(--line);border-radius:99px;padding:.1rem .55rem;margin-left:.4rem;white-space:nowrap}
.method{display:inline-block;min-width:3.6rem;font:700 .72rem/1.6 ui-monospace,monospace;color:#3b82f6}
.POST{color:light-dark(#15803d,#4ade80)}.PUT{color:light-dark(#b45309,#fbbf24)}.DELETE{color:light-dark(#b91c1c,#f87171)}.GET{color:light-dark(#1d4ed8,#7db3ff)}
.fields{list-style:none;margin:.3rem 0;padding:0}.fields>li{padding:.45rem 0;border-top:1px solid var(--line)}.fields .fields{margin:.4rem 0 0 1rem;border-left:2px solid var(--line);padding-left:.9rem}
.fields .fields>li:first-child{border-top:0}.name{font-weight:600}.type,.facts{color:var(--quiet);font-size:.85rem}.facts::before{content:'· '}
.required{font-size:.75rem;color:light-dark(#b45309,#fbbf24)}.choices{font-size:.9rem;margin:.15rem 0}
.answer{margin:.25rem 0;padding:0}.answer>summary{cursor:pointer}p.answer{padding-left:1.05rem}.answer[open]{padding-bottom:.5rem}.answer>.fields{margin-left:1.05rem}
.s2{color:light-dark(#15803d,#4ade80)}.s4{color:light-dark(#b45309,#fbbf24)}.s5{color:light-dark(#b91c1c,#f87171)}
@media(max-width:56rem){body{display:block}nav{position:static;height:auto;max-height:40vh;border-right:0;border-bottom:1px solid var(--line)}main{padding:1rem 1rem 4rem}}
`

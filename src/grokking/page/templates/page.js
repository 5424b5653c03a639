// Unfolds what a link leads to; on a screen without a mouse, reads out a claim before it leads there.
const unfold = () => {
  const place = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (!place) return
  for (let box = place.closest("details"); box; box = box.parentElement.closest("details")) box.open = true
  place.scrollIntoView()
}
addEventListener("hashchange", unfold)
addEventListener("load", unfold)
if (matchMedia("(max-width: 60rem)").matches) document.querySelector("nav details").open = false

const card = document.getElementById("card")
const showClaim = (id, text) => {
  if (matchMedia("(hover: hover)").matches) location.hash = id
  else {
    [card.firstElementChild.textContent, card.lastElementChild.hash] = [text, id]
    card.hidden = false
  }
}
document.addEventListener("click", (event) => {
  const claim = event.target.closest("a.claim")
  card.hidden = true
  if (!claim) return
  event.preventDefault()
  showClaim(claim.hash.slice(1), claim.title)
})

/**
 * Words that people and agents use for the same thing, one group a line. A query's word also finds, with less weight,
 * the others of its groups. Everyday life first, then software; only words that mean much the same in most texts.
 */
export const synonymGroups: readonly string[] = `
job work profession occupation career employment living
job role position employer company
boss manager supervisor
coworker colleague teammate
salary pay wage income earn
hire recruit employ
quit resign
fire dismiss layoff
meeting appointment call
deadline due
delay postpone reschedule defer move
cancel abort
begin start commence launch
finish complete end done
purchase buy order
sell sale
cost price pay fee expense amount
cheap affordable inexpensive
expensive pricey costly
money budget cash fund
rent lease
home house apartment flat live residence reside address
live move relocate settle city town
city town hometown
country nation
neighbour neighbor
furniture sofa couch
kitchen cook
garden yard plant grow
car vehicle drive automobile
bike bicycle cycle
train rail
flight fly plane airport
travel trip journey holiday vacation tour visit
hotel stay accommodation
beach sea coast ocean
mountain hike climb
spouse wife husband partner married
wedding marry married marriage
girlfriend boyfriend partner date
parent mother father mom dad mum
sibling brother sister
child kid son daughter children
baby newborn birth
grandparent grandmother grandfather grandma grandpa
relative family cousin aunt uncle
friend buddy pal
pet animal dog cat puppy kitten
dog puppy
cat kitten
doctor physician clinic hospital medical
illness sick disease ill condition
medicine medication drug pill prescription
pain hurt ache
injury injure hurt broken
allergy allergic intolerance
diet vegetarian vegan
afraid fear scared phobia frightened
happy glad pleased delighted
sad unhappy upset
angry mad annoyed furious
worried anxious nervous stress
tired exhausted
love adore
like enjoy prefer favourite favorite fond
favourite favorite prefer best
dislike hate
food dish meal cuisine
eat dine meal
drink beverage
breakfast lunch dinner meal
restaurant cafe bistro
recipe cook ingredient
film movie cinema
book novel read author
music song band concert listen
concert gig show
instrument guitar piano violin
art paint painting draw
photo picture photograph image
game play
sport exercise workout train gym
run jog marathon race
competition contest tournament race match
win victory
hobby pastime interest leisure
club group association
volunteer charity donate
party celebration celebrate birthday
gift present receive
school college university study class
study learn course class lesson
teacher professor instructor
student pupil
degree diploma graduate
exam test
language speak
religion church faith
phone mobile smartphone call
email mail
letter mail post
computer laptop pc machine
repair fix mend broken
clean tidy wash
big large huge
small little tiny
fast quick rapid
important crucial critical key
difficult hard tough
easy simple
wrong incorrect mistake error
correct right accurate
problem issue trouble
reason why cause because
method way approach
plan intend schedule
goal aim objective target
idea proposal suggestion
decide decision choose choice
change modify update alter
remove delete drop
add insert append
create make build
show display present
find search locate look
help assist support
allow permit enable
forbid deny block disallow
require need must
meet encounter
talk speak discuss conversation
name called call
nickname alias
birthday born birth
age old
colour color
size height length
shop store market
clothes wear clothing dress outfit
weather rain sunny
bug defect error issue failure
error exception failure crash
crash outage down
incident outage postmortem
deploy deployment release ship rollout
rollback revert undo
repo repository
database db
postgres postgresql
kubernetes k8s
javascript js
typescript ts
python py
configuration config setting option preference
environment env
variable var
authentication auth login signin
authorization permission access
password credential secret passphrase
token key apikey
account user profile
directory folder
documentation docs readme
dependency package library
function method
parameter argument
interface api endpoint
request call
server host machine
container docker image
cluster node
queue topic
cache memoize
latency slow performance speed
memory ram
disk storage
network connection
test spec
lint format style
branch merge
commit changeset
review pr
ticket issue task
customer client
vendor supplier provider
contract agreement
invoice bill
application app program software
code script program
frontend ui
backend server
model llm
prompt instruction
version release
upgrade update migrate
install setup
build compile
log logging trace
monitor alert
backup snapshot
timezone tz
`
  .trim()
  .split("\n");

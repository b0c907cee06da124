suppressMessages(library(surveillance))
out<-list(); add<-function(ds,m,i,v) out[[length(out)+1]]<<-data.frame(dataset=ds,method=m,item=i,value=as.character(v)); f<-function(x) paste(format(as.numeric(x),digits=10,trim=TRUE),collapse=";")
data(husO104Hosp); now<-as.Date("2011-06-02")
n<-nowcast(now=now,when=seq(now-13,now-0,by=1),data=husO104Hosp,dEventCol="dHosp",dReportCol="dReport",method="lawless",D=15,m=NULL,control=list(N.tInf.prior=structure("poisgamma",mean.lambda=50,var.lambda=3000),N.tInf.max=300))
w<-match(seq(now-13,now,by=1),epoch(n)); add("husO104","nowcast.lawless","pred",f(upperbound(n)[w])); ci<-n@pi[w,1,]; add("husO104","nowcast.lawless","lo",f(ci[,1])); add("husO104","nowcast.lawless","hi",f(ci[,2]))
fin<-table(factor(as.character(husO104Hosp$dHosp),levels=as.character(seq(now-13,now,by=1)))); add("husO104","final","n",f(fin)); av<-husO104Hosp[husO104Hosp$dReport<=now,]; add("husO104","available","n",f(table(factor(as.character(av$dHosp),levels=as.character(seq(now-13,now,by=1))))))
# classic chain ladder factors of the simulated triangle at day 200: cells with day + delay > 200 are not known
t<-read.csv("data_triangle.csv"); D<-20
cum<-t(apply(as.matrix(t[161:200,1:(D+1)]),1,cumsum)); fac<-sapply(1:D,function(j){ok<-(161:200)+j<=200; sum(cum[ok,j+1])/sum(cum[ok,j])}); ult<-sapply(1:40,function(i){last<-min(D,40-i); cum[i,last+1]*prod(if(last<D) fac[(last+1):D] else 1)}); add("triangle","chainladder.factors","f",f(fac)); add("triangle","chainladder.ultimate d161..200","u",f(ult)); add("triangle","truth d181..200","n",f(rowSums(t[181:200,1:(D+1)]))); add("triangle","available d181..200","n",f(sapply(181:200,function(a) sum(t[a,1:(min(D,200-a)+1)]))))
write.csv(do.call(rbind,out),"ref_nowcast.csv",row.names=FALSE)

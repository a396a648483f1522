#!/bin/sh
A=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
A=$A$A
for I in 1 2 3; do ipvsadm -A -t 10.0.0.1:8$I -s rr; ipvsadm -a -t 10.0.0.1:8$I -r 10.0.0.9 -g; done
ipvsadm -A -t 10.0.0.1:80 -s rr
for R1 in 1 2 3 4 5 6 7 8 9; do
for R2 in 1 2 3 4 5 6 7 8 9; do
for R3 in 1 2 3 4 5 6 7 8 9; do
for R4 in 1 2 3 4 5 6 7 8 9; do
ipvsadm -a -t 10.0.0.1:80 -r 10.0.$R3.$R4 -g
done
done
done
done
for I in 1 2; do ipvsadm -a -t 10.0.0.1:80 -r 10.1.0.$I -g; done
